import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// R12.2, R12.8: bars of a run in its tables, by command.
    @Suite struct BarTests {
        private static let ticks = SampleTicks(count: 2_000)

        private func scene(_ bars: String?, feed: String? = nil) throws -> Scene {
            var configuration = SceneConfiguration(
                strategies: [
                    "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10,"
                        + " parameters: { fast: 3, slow: 8 } }"
                ])
            if let bars { configuration.more.append("store: { bars: \(bars) }") }
            if let feed { configuration.feed = feed }
            return try Scene(configuration, ticks: Self.ticks)
        }

        /// One symbol's candles of whole minutes, made from the ticks by another hand.
        private func expected(_ symbol: String, seconds: Int64) -> [String] {
            struct Bar {
                var prices: [Int64] = []
                var volume: Int64 = 0
            }
            let length = seconds * 1_000_000_000
            var bars: [Int64: Bar] = [:]
            var last: Int64 = 0
            for line in Self.ticks.csv.split(separator: "\n").dropFirst() {
                let cells = line.split(separator: ",")
                guard let time = Int64(cells[0]), let price = Int64(cells[2]),
                    let size = Int64(cells[3])
                else { continue }
                last = max(last, time)
                guard cells[1] == symbol else { continue }
                bars[time - time % length, default: Bar()].prices.append(price)
                bars[time - time % length]?.volume += size
            }
            let style = Date.ISO8601FormatStyle(timeZone: .gmt)
            return bars.filter { $0.key + length <= last }.sorted { $0.key < $1.key }.map {
                let prices = $0.value.prices
                let second = Date(timeIntervalSince1970: Double($0.key / 1_000_000_000))
                let time = second.formatted(style).dropLast() + ".000000000Z"
                let (high, low) = (prices.max() ?? 0, prices.min() ?? 0)
                return "\(time),\(symbol),\(prices.first ?? 0),\(high),\(low),"
                    + "\(prices.last ?? 0),\($0.value.volume)"
            }
        }

        @Test func barsAreWhatTheTicksCameTo() async throws {
            let without = try await scene(nil).madang("run", "--json").summary()
            // Nobody hears candles of five minutes: they are built for the tables.
            let scene = try scene("[1m, 5m]")
            let summary = try await scene.madang("run", "--json").summary()
            #expect(summary.ledgerHash == without.ledgerHash && summary.fills > 0)
            let head = "time,symbol,open,high,low,close,volume"
            for symbol in SampleTicks.symbols {
                let minutes = try await scene.madang("store", "bars", symbol)
                let wanted = expected(symbol, seconds: 60)
                #expect(minutes.output == [head] + wanted && wanted.count > 20)
                let fives = try await scene.madang("store", "bars", symbol, "--interval", "5m")
                #expect(fives.output == [head] + expected(symbol, seconds: 300))
            }
            let json = try await scene.madang("store", "bars", "A", "--json").output
            let bar = try #require(
                JSONSerialization.jsonObject(with: Data((json.first ?? "").utf8))
                    as? [String: Any])
            let first = try #require(expected("A", seconds: 60).first).split(separator: ",")
            #expect(bar["time"] as? String == String(first[0]))
            #expect(bar["close"] as? String == String(first[5]))
            #expect(bar["interval"] as? String == "1m" && bar["symbol"] as? String == "A")

            // A recording of candles again.
            let feed =
                "{ kind: csv, path: bars.csv, what: candles, interval: 1m, columns: { time: time,"
                + " symbol: symbol, open: open, high: high, low: low, close: close,"
                + " volume: volume } }"
            let again = try self.scene("[1m, 5m]", feed: feed)
            let bars = try await scene.madang("store", "bars", "A").output
            try again.folder.write(bars.joined(separator: "\n") + "\n", as: "bars.csv")
            #expect(try await again.madang("run", "--json").exit == .code(0))
            #expect(try await again.madang("store", "bars", "A").output == bars)
        }

        @Test func whatIsNotKeptIsSaidAndWhatIsWrongIsMended() async throws {
            let scene = try scene("[1m]")
            #expect(try await scene.madang("run").exit == .code(0))
            let bars = try await scene.madang("store", "bars", "B").output
            let strange = try await scene.madang("store", "bars", "B", "--interval", "5m")
            #expect(strange.exit == .code(1))
            #expect(strange.errorText.contains("no bars of 5m of 'B'"))
            #expect(strange.errorText.contains("store: bars: [5m]"))
            #expect(
                try await scene.madang("store", "bars", "B", "--interval", "x").exit == .code(2))
            #expect(try await scene.madang("store", "check").exit == .code(0))
            #expect(try await scene.madang("log", "replay").output.last == "0 differences")
            let script =
                "import sqlite3; s = sqlite3.connect('.madang/madang.db');"
                + "s.execute(\"update market_bars set close = 1 where symbol = 'B'\"); s.commit()"
            _ = try await Program.start([Place.python, "-c", script], in: scene.path).outcome()
            let bad = try await scene.madang("store", "check")
            #expect(bad.exit == .code(5))
            #expect(
                bad.output.contains {
                    $0.hasPrefix("market_bars, row ") && $0.contains("close is 0.00000001")
                }, "\(bad.output)")
            #expect(try await scene.madang("store", "rebuild").exit == .code(0))
            #expect(try await scene.madang("store", "check").exit == .code(0))
            #expect(try await scene.madang("store", "bars", "B").output == bars)

            // A backup has them; a folder without tables makes them from its logs.
            #expect(try await scene.madang("store", "backup", "monday").exit == .code(0))
            try FileManager.default.moveItem(
                atPath: scene.path + "/.madang", toPath: scene.path + "/lost")
            #expect(try await scene.madang("store", "restore", "monday").exit == .code(0))
            #expect(try await scene.madang("store", "bars", "B").output == bars)
        }

        /// Which bars are kept numbers the events: another list is another run.
        @Test func anotherListIsAnotherRun() async throws {
            let scene = try scene("[1m]")
            let first = try await scene.madang("run", "--json").summary().run
            let text = try String(contentsOfFile: scene.path + "/madang.yaml", encoding: .utf8)
            try scene.folder.write(
                text.replacing("bars: [1m]", with: "bars: [2m]"), as: "madang.yaml")
            let check = try await scene.madang("store", "check", "--run", first)
            #expect(check.exit != .code(0))
            #expect(check.errorText.contains("another configuration"), "\(check.errorText)")
        }
    }
}
