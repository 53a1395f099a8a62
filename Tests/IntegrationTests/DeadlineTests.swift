import Testing

extension PacedTests {
    /// R4.4: a model that thinks about a candle's close has the time for it, and a tick has no more than before.
    @Suite struct DeadlineTests {
        /// A trade a second for three minutes, at 20 times: a minute lasts three seconds.
        private static func scene(_ keys: String) throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = "20x"
            configuration.instruments = "{ symbols: [A], market: KR }"
            configuration.strategies = [SceneConfiguration.server("thinking", "thinking.py", keys)]
            configuration.more = ["arbiter: { policy: first }"]
            let scene = try Scene(configuration)
            var rows = "ts,symbol,price,size,side\n"
            let begin: Int64 = 1_704_153_600_000_000_000
            for number in 0..<170 as Range<Int64> {
                rows += "\(begin + number * 1_000_000_000),A,\(70_000 + number % 7 * 100),1,B\n"
            }
            try scene.folder.write(rows, as: "ticks.csv")
            return scene
        }

        @Test(arguments: [true, false])
        func aModelMayThinkAboutACandle(_ hasOwn: Bool) async throws {
            let scene = try Self.scene(
                "deadline: 300ms" + (hasOwn ? ", deadlines: { candles: 3s, fills: 1s }" : ""))
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let rows = try await scene.query(
                "SELECT message, status = 'late', detail FROM signals ORDER BY position")
            let candles = rows.filter { $0[0] == "candle" }
            let ticks = rows.filter { $0[0] == "tick" }
            #expect(candles.count >= 2 && ticks.count == 170)
            #expect(candles.allSatisfy { $0[1] == (hasOwn ? "0" : "1") }, "\(candles)")
            let late = ticks.filter { $0[1] == "1" }
            #expect(late.count >= 4 && late.count < 100, "those that came while it thought")
            #expect(late.allSatisfy { $0[2].hasSuffix("deadline 300 ms") }, "\(late)")
            #expect(outcome.output.contains { $0.contains("thinking hung") } != hasOwn)
            let idle = "thinking has a deadline for fills, and hears none"
            #expect(outcome.output.contains { $0.contains(idle) } == hasOwn)
            let replay = try await scene.madang("log", "replay")
            #expect(replay.exit == .code(0) && replay.output.last == "0 differences")
        }
    }
}
