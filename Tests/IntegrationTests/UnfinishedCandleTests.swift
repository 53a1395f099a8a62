import Platform
import Ports
import Testing

extension IntegrationTests {
    /// A server that hears candles while they grow: each state of them, and nothing else changes.
    @Suite struct UnfinishedCandleTests {
        static let ticks = SampleTicks(count: 400, pause: 6_000_000_000)
        private static let cross =
            "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10,"
            + " parameters: { fast: 3, slow: 8 } }"

        private static func scene(_ servers: [String], speed: String = "max") throws -> Scene {
            var configuration = SceneConfiguration()
            configuration.speed = speed
            configuration.strategies = [cross] + servers
            configuration.more = ["arbiter: { policy: first }"]
            return try Scene(configuration, ticks: ticks)
        }

        private static func signals(of name: String, in scene: Scene) async throws -> [[String]] {
            try await scene.query(
                "select symbol, action, reasons, time from signals where source = '\(name)'"
                    + " order by position, symbol")
        }

        @Test(arguments: ["max", "3600x"])
        func eachTradeShowsTheCandleThatGrows(_ speed: String) async throws {
            let scene = try Self.scene(
                [SceneConfiguration.server("growing", "growing.py", "deadline: 10s")], speed: speed)
            let outcome = try await scene.madang("run", "--json")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let summary = try outcome.summary()
            let said = try await Self.signals(of: "growing", in: scene)
            let growing = said.filter { $0[2].contains("grows ") }
            let final = said.filter { $0[2].contains("final ") }
            #expect(growing.count == 400)
            #expect(final.count == summary.candles && summary.candles > 40)
            #expect(summary.source("growing").failures == 0)

            // The others see the same market, and what decides is the same.
            let alone = try Self.scene([])
            let plain = try await alone.madang("run", "--json").summary()
            #expect(plain.candles == summary.candles)
            let (with, without) = (
                try await Self.signals(of: "cross", in: scene),
                try await Self.signals(of: "cross", in: alone)
            )
            #expect(with == without && with.count > 5)
        }
    }
}
