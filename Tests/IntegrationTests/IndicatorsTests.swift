import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// `madang indicators`: what anybody can compare.
    @Suite struct IndicatorsTests {
        static let golden: URL = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "oracles/indicators/golden_integer.csv")

        /// The columns of a CSV text by their place.
        static func rows(_ lines: [String]) -> [[String]] {
            lines.map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            }
        }

        @Test func oracleComesOutColumnByColumn() async throws {
            let text = try String(contentsOf: Self.golden, encoding: .utf8)
            let golden = Self.rows(text.split(separator: "\n").map(String.init))
            let bars = golden.map { $0.prefix(6).joined(separator: ",") }
            let scene = try Scene()
            try scene.folder.write(bars.joined(separator: "\n") + "\n", as: "bars.csv")
            let asked = [
                "sma:20", "sma:60", "ema:12", "ema:26", "rsi:14", "macd:12:26:9", "bollinger:20:2",
                "atr:14", "stochastic:14:3:3", "stochastic:14:1:3",
            ]
            let outcome = try await scene.madang(
                "indicators", "bars.csv", "--of", asked.joined(separator: ","), "--csv")
            #expect(outcome.exit == .code(0) && outcome.errors == [])
            let rows = Self.rows(outcome.output)
            #expect(
                rows[0].prefix(11).joined(separator: ",")
                    == bars[0] + ",sma20,sma60,ema12,ema26,rsi14")
            #expect(rows.count == golden.count && rows.count == 201)
            for (row, wanted) in zip(rows, golden).dropFirst() {
                #expect(row.count == wanted.count)
                #expect(row.prefix(6) == wanted.prefix(6))
                for (a, b) in zip(row, wanted).dropFirst(6) {
                    guard let a = Double(a), let b = Double(b) else {
                        #expect(a == "" && b == "", "row \(wanted[0]): '\(a)', not '\(b)'")
                        continue
                    }
                    #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "row \(wanted[0])")
                }
            }
        }

        @Test func symbolsHaveSeriesOfTheirOwnAndDaysOfTheZone() async throws {
            let scene = try Scene()
            // 14:59:59 and 15:00:00 UTC: midnight in Seoul lies between them.
            try scene.folder.write(
                """
                \u{FEFF}time,symbol,price,size
                1705330799000,A,10,1
                1705330799000,B,500,1
                1705330800000,A,20,1
                1705330800000,"B, big",7,"1"

                """, as: "ticks.csv")
            let csv = try await scene.madang(
                "indicators", "ticks.csv", "--of", "vwap,sma:2", "--csv", "--zone", "Asia/Seoul")
            #expect(
                csv.output == [
                    "time,symbol,price,size,vwap0,sma2", "1705330799000,A,10,1,10.0,",
                    "1705330799000,B,500,1,500.0,", "1705330800000,A,20,1,20.0,15.0",
                    "1705330800000,\"B, big\",7,1,7.0,",
                ])
            let utc = try await scene.madang("indicators", "ticks.csv", "--of", "vwap", "--json")
            let line = try #require(utc.output.dropFirst(2).first)
            let row = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(row["vwap0"] as? Double == 15 && row["price"] as? String == "20")
        }

        @Test func peopleSeeTheLastRowsRounded() async throws {
            let scene = try Scene()
            let outcome = try await scene.madang(
                "indicators", Self.golden.path, "--of", "rsi:14", "--column", "close=open")
            #expect(outcome.output.count == 22)
            #expect(outcome.output.last?.hasPrefix("the last 20 of 200 rows") == true)
            #expect(outcome.output.first?.hasSuffix("rsi14") == true)
        }

        @Test(arguments: [
            (["--of", "smaa:20"], Int32(2), "there is no indicator 'smaa'\n  did you mean 'sma'?"),
            (["--of", "sma:20,"], 2, "there is no indicator ''"),
            (["--of", "sma:0"], 2, "length '0' is not a whole number from 1 to 512"),
            (["--of", "sma:20", "--of", "sma:20"], 2, "'sma20' is asked for twice"),
            ([], 2, "no indicator is asked for"),
            (["--of", "atr"], 8, "atr needs the column 'high'"),
            (["--of", "obv"], 8, "obv needs the column 'volume'"),
            (["--of", "vwap"], 8, "vwap needs the column"),
            (
                ["--of", "sma:2", "--column", "close=Last"], 8,
                "no column 'Last'   did you mean 'last'?"
            ),
            (["--of", "sma:2", "--column", "colour=last"], 2, "is not FIELD=NAME"),
            (["--of", "sma:2", "--zone", "Mars"], 2, "'Mars' is no time zone"),
            (["--of", "sma:2", "--csv"], 8, "bars.csv:3: column 'last': 'x' is not a price"),
        ])
        func faultsAreToldExactly(_ words: [String], _ code: Int32, _ wanted: String) async throws {
            let scene = try Scene()
            try scene.folder.write("open,last\n1,1\n2,x\n", as: "bars.csv")
            let outcome = try await scene.madang(["indicators", "bars.csv"] + words)
            #expect(outcome.exit == .code(code))
            #expect(outcome.errorText.contains(wanted), "\(outcome.errorText)")
        }

        @Test(arguments: [
            ("", "is empty"), ("a,a\n1,2\n", "two columns are named 'a'"),
            ("close\n1,2\n", "the row has 2 fields, the header 1"), (nil, "there is no such file"),
        ])
        func filesThatAreNoneAreTold(_ text: String?, _ wanted: String) async throws {
            let scene = try Scene()
            if let text { try scene.folder.write(text, as: "bars.csv") }
            let outcome = try await scene.madang("indicators", "bars.csv", "--of", "sma:2", "--csv")
            #expect(outcome.exit == .code(8))
            #expect(outcome.errorText.contains(wanted), "\(outcome.errorText)")
        }

        @Test func tableIsListedWithoutAFile() async throws {
            let scene = try Scene()
            let text = try await scene.madang("indicators")
            #expect(text.output.contains { $0.hasPrefix("macd:FAST:SLOW:SIGNAL  ") })
            let json = try await scene.madang("indicators", "--json")
            #expect(json.output.count >= 19)
            for line in json.output {
                let row = try JSONSerialization.jsonObject(with: Data(line.utf8))
                #expect((row as? [String: Any])?["formula"] is String)
            }
        }
    }
}
