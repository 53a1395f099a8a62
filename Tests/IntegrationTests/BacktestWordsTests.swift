import Foundation
import Platform
import Testing

extension IntegrationTests {
    /// What a backtest says of itself where there is little to say: no signal, no ratio, nothing before a split.
    @Suite struct BacktestWordsTests {
        private static let bars = Place.root + "/oracles/backtest/bars_5000.csv"

        private func scene(
            rules: [String] = [], strategies: [String] = [], hours: String = ""
        ) throws -> Scene {
            var configuration = SceneConfiguration(
                feed: """
                    { kind: csv, path: "\(Self.bars)", what: candles, interval: 1m,
                        columns: { time: ts, symbol: symbol }, time: { unit: ns } }
                    """,
                instruments:
                    "{ symbols: [KR0001, KR0002, KR0003, KR0004], market: KR\(hours) }")
            configuration.rules = rules
            configuration.strategies = strategies
            let scene = try Scene()
            try scene.folder.write(
                configuration.text.replacing(", partial_fills: true", with: ""), as: "madang.yaml")
            return scene
        }

        /// A condition that no event met is told with how many were asked; one that spoke is not.
        @Test func aRuleThatIsNeverTrueSaysSo() async throws {
            let scene = try scene(rules: [
                "{ name: never, when: \"price > 1000 and price < 100\", on: \"candles:1m\", then: buy, quantity: 1 }",
                "{ name: late, when: \"sma(5) > 900000000\", on: \"candles:1m\", then: buy, quantity: 1 }",
                "{ name: often, when: \"price > 1\", on: \"candles:1m\", then: alert }",
            ])
            let outcome = try await scene.madang("backtest", "--quiet")
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            let told = outcome.output.filter { $0.contains("said nothing") }
            #expect(
                told == [
                    "never said nothing: its condition was asked at 5,000 events of candles:1m,"
                        + " and true at none",
                    "late said nothing: its condition was asked at 4,984 events of candles:1m,"
                        + " and true at none",
                ])
        }

        @Test(arguments: [
            ("dip.quantity=1|2", "'dip' is a rule, and rules have no parameters"),
            ("fast=1|2", "rules have none: write each 'when' that you compare as a rule"),
        ])
        func aRuleHasNothingToSweep(_ grid: String, _ told: String) async throws {
            let scene = try scene(rules: [
                "{ name: dip, when: \"change(5) < -1%\", on: \"candles:1m\", then: buy, quantity: 1 }"
            ])
            let outcome = try await scene.madang("backtest", "--sweep", grid)
            #expect(outcome.exit == .code(2))
            #expect(outcome.errorText.contains(told), "\(outcome.errorText)")
        }

        /// A week has no Sharpe: nothing is the best by it, and a split that was given is not advised.
        @Test func whatNobodyHasNothingIsComparedBy() async throws {
            let scene = try scene(strategies: [
                "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10 }"
            ])
            let words = [
                "backtest", "--sweep", "fast=10|20,slow=60", "--by", "sharpe", "--split",
                "2024-01-04",
            ]
            let outcome = try await scene.madang(words + ["--quiet"])
            #expect(outcome.exit == .code(0), "\(outcome.errorText)")
            #expect(outcome.output.first?.contains("the best by profit before") == true)
            #expect(
                outcome.output.contains(
                    "no combination has a Sharpe, which needs 10 daily returns that differ:"
                        + " compared by profit"), "\(outcome.output)")
            #expect(!outcome.output.contains { $0.contains("--split DAY") })
            let json = try await scene.madang(words + ["--json", "--quiet"])
            #expect(json.output.first?.contains("\"by\":\"profit\"") == true, "\(json.output)")
        }

        @Test(arguments: [[], ["--sweep", "fast=10|20"]])
        func nothingLiesBeforeTheFirstDay(_ more: [String]) async throws {
            let scene = try scene(strategies: [
                "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10 }"
            ])
            let outcome = try await scene.madang(["backtest", "--split", "2024-01-02"] + more)
            #expect(outcome.exit == .code(2))
            #expect(
                outcome.errorText.contains(
                    "--split 2024-01-02 is the recording's first day: nothing lies before it"),
                "\(outcome.errorText)")
        }

        /// Who asks why behind a backtest that kept nothing learns how one is kept.
        @Test(arguments: [["why", "1"], ["orders"], ["log", "show"]])
        func whatWasNotKeptNamesHow(_ words: [String]) async throws {
            let scene = try scene(strategies: [
                "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 10 }"
            ])
            #expect(try await scene.madang("backtest", "--quiet").exit == .code(0))
            let outcome = try await scene.madang(words)
            #expect(outcome.exit != .code(0))
            #expect(
                outcome.errorText.contains("madang backtest --keep"), "\(outcome.errorText)")
        }

        /// What no event can meet is told before a run, and in it.
        @Test func aRuleThatCannotBeTrueIsDoubted() async throws {
            let scene = try scene(
                rules: [
                    "{ name: high, when: \"rsi(14) > 100\", on: \"candles:1m\", then: alert }",
                    "{ name: early, when: \"time in 05:00-08:00 and price > 1\", on: \"candles:5m\", then: alert }",
                    "{ name: day, when: \"time in 05:00-08:00\", on: \"candles:1d\", then: alert }",
                    "{ name: held, when: \"time in 05:00-08:00\", on: \"candles:1m\", then: alert }",
                    "{ name: good, when: \"time in 08:00-09:01\", on: \"candles:5m\", then: alert }",
                ], hours: ", hours: krx")
            let told = [
                "warning: high: 'rsi(14) > 100' is never true: an RSI lies between 0 and 100",
                "warning: early: its times of the day lie outside of the hours of KR0001, KR0002,"
                    + " KR0003, KR0004: it is never true there",
                "warning: day: 'time in' is of the time at which a candle opens, and candles:1d open"
                    + " at 00:00: it is never true",
            ]
            let check = try await scene.madang("config", "check")
            #expect(check.exit == .code(0))
            #expect(check.errors == told)
            let backtest = try await scene.madang("backtest", "--quiet")
            #expect(told.allSatisfy { backtest.errors.contains($0) }, "\(backtest.errors)")
            let doctor = try await scene.madang("doctor")
            #expect(doctor.output.contains { $0.contains("is never true") }, "\(doctor.output)")
        }

        /// A price in dollars against cash in won: refused by the check, the doctor and each start.
        @Test func anAccountThatTradesInAnotherCurrencyIsRefused() async throws {
            let scene = try scene(
                rules: [
                    "{ name: low, when: \"price < 1\", on: \"candles:1m\", then: buy, quantity: 1 }"
                ], hours: ", currency: USD")
            let told =
                "rules: account 'demo' is in KRW, and 'low' would trade KR0001 (USD), KR0002 (USD),"
                + " KR0003 (USD), KR0004 (USD) with it: nothing is converted"
            for words in [["config", "check"], ["backtest"], ["run"], ["doctor"]] {
                let outcome = try await scene.madang(words)
                #expect(outcome.exit != .code(0), "\(words)")
                let lines = outcome.errors + outcome.output
                #expect(lines.count { $0.hasSuffix(told) } == 1, "\(words): \(lines)")
            }
            // Who only looks reads the file as it is.
            let orders = try await scene.madang("orders")
            #expect(!(orders.errors + orders.output).contains { $0.contains("is in KRW") })
        }

        /// A day's candle around the clock: told by the check, the doctor and each start.
        @Test func settingsThatAreProbablyNotMeantAreTold() async throws {
            let scene = try scene(rules: [
                "{ name: low, when: \"price < 1\", on: \"candles:1d\", then: alert }"
            ])
            let told =
                "KR0001, KR0002, KR0003, KR0004: no hours, so what trades before the opening and"
                + " after the close is in candles of a day and in change(1d)"
            #expect(try await scene.madang("config", "check").errors == ["warning: \(told)"])
            for command in ["backtest", "run"] {
                let outcome = try await scene.madang(command, "--quiet")
                #expect(outcome.exit == .code(0), "\(outcome.errorText)")
                #expect(
                    (outcome.errors + outcome.output).contains { $0.contains(told) },
                    "\(command): \(outcome.errors)")
            }
            let doctor = try await scene.madang("doctor")
            #expect(doctor.output.contains { $0.contains("no hours") }, "\(doctor.output)")
        }

        /// The check reads no file; that is said where people may believe otherwise.
        @Test func theCheckOfAConfigurationSaysWhatItLeavesOut() async throws {
            let scene = try scene(rules: [
                "{ name: often, when: \"price > 1\", on: \"candles:1m\", then: alert }"
            ])
            let outcome = try await scene.madang("config", "check")
            #expect(
                outcome.output.last
                    == "the files of its feeds are not looked at: madang doctor does")
            let json = try await scene.madang("config", "check", "--json")
            #expect(json.output.count == 1)
        }
    }
}
