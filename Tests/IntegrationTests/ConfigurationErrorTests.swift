import Platform
import Testing

extension IntegrationTests {
    /// Every mistake at once, each with its place and what to do: code 3, on standard error alone.
    @Suite struct ConfigurationErrorTests {
        struct Case: Sendable, CustomTestStringConvertible {
            let name: String
            /// What is replaced in a good configuration.
            let change: (from: String, to: String)
            let words: [String]
            var testDescription: String { name }
            init(_ name: String, _ from: String, _ to: String, _ words: String...) {
                self.name = name
                change = (from, to)
                self.words = words
            }
        }

        @Test(arguments: [
            Case(
                "unknown key", "quantity: 10", "quantty: 10", "madang.yaml:",
                "strategies[0].quantty",
                "unknown key", "did you mean 'quantity'?"),
            Case(
                "unknown parameter", "slow: 8", "slwo: 8", "no such parameter",
                "did you mean 'slow'?"),
            Case(
                "wrong type", "cash: 100000000", "cash: lots", "accounts[0].cash",
                "'lots' is not an amount"),
            Case("impossible values", "fast: 3", "fast: 30", "30 is not below slow, which is 8"),
            Case("impossible speed", "speed: max", "speed: -1x", "'-1x' is not", "60x"),
            Case(
                "alias", "- { id: demo", "- &it { id: demo", "anchors ('&name') are not supported"),
            Case(
                "unknown symbol", "parameters:", "symbols: [E], parameters:", "'E' is not",
                "A, B, C, D"),
            Case("not YAML", "accounts:", "accounts: [", "this is not YAML"),
            Case(
                "unreachable quorum", "accounts:",
                "arbiter: { policy: majority, quorum: 2 }\naccounts:", "arbiter.quorum",
                "2 votes can never stand on 'A' for 'demo': it has 1 that votes", "quorum: all"),
            Case(
                "quorum of one vote", "accounts:",
                "arbiter: { policy: first, quorum: all }\naccounts:",
                "'first' listens to one vote"),
            Case(
                "threshold without weights", "accounts:",
                "arbiter: { policy: unanimous, threshold: 0.5 }\naccounts:", "arbiter.threshold",
                "'unanimous' does not weigh votes"),
            Case(
                "impossible hours", "market: KR", "market: KR, hours: \"15:30-09:00\"",
                "instruments[0].hours", "hours such as 09:00-15:30"),
            Case(
                "a watch that is no span", "accounts:",
                "watch: { no_fills: soon, slow_broker: 10ms, clock_jmp: 2s }\naccounts:",
                "watch.no_fills", "'soon' is not a duration", "or off",
                "watch.slow_broker", "is shorter than 100ms", "did you mean 'clock_jump'?"),
            Case(
                "impossible day", "market: KR", "market: KR, odd_days: { 2024-02-30: closed }",
                "instruments[0].odd_days", "'2024-02-30' is no day"),
            Case(
                "impossible odd hours", "market: KR", "market: KR, odd_days: { 2024-02-29: late }",
                "'late' on 2024-02-29 is neither hours nor 'closed'"),
            Case(
                "a scanner without its list", "kind: ma_cross", "kind: scanner, scale: 0",
                "strategies[0].file", "strategies[0].scale",
                "strategies[0].parameters: a scanner has none"),
        ])
        func eachIsToldWithItsPlace(_ one: Case) async throws {
            let scene = try Scene()
            let good = SceneConfiguration.plain.text
            #expect(good.contains(one.change.from))
            try scene.folder.write(
                good.replacing(one.change.from, with: one.change.to, maxReplacements: 1),
                as: "madang.yaml")
            for words in [["run", "--json"], ["config", "check"]] {
                let outcome = try await scene.madang(words)
                #expect(outcome.exit == .code(3))
                #expect(outcome.output == [])
                #expect(outcome.errors.first?.hasPrefix("madang.yaml:") == true)
                for word in one.words {
                    #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
                }
            }
        }

        /// What each of two brokers holds a part of cannot be sold by one order.
        @Test func exitsWantOneBrokerOfAnAccount() async throws {
            var configuration = SceneConfiguration()
            configuration.speed = "60x"
            configuration.account =
                "{ id: demo, broker: sim, secondary: other, secondary_symbols: [A], currency: KRW,"
                + " cash: 100000000 }"
            let broker = "{ kind: sim, key: \"${K}\", secret: \"${K}\" }"
            configuration.broker = "sim: \(broker)\n  other: \(broker)"
            configuration.more = ["exits: { plan: three_tier }"]
            let scene = try Scene(configuration, ticks: SampleTicks(count: 10))
            let outcome = try await scene.madang("config", "check", environment: ["K": "demo"])
            #expect(outcome.exit == .code(3))
            #expect(
                outcome.errorText.contains("'demo' has two brokers, and an exit sells at one"),
                "\(outcome.errorText)")
        }

        /// Its key is missing: it is there, and told once.
        @Test func aBrokerWithoutItsKeyIsStillABroker() async throws {
            var configuration = SceneConfiguration()
            configuration.speed = "60x"
            configuration.account = "{ id: demo, broker: sim, currency: KRW, cash: 100000000 }"
            configuration.broker = "sim: { kind: sim, key: \"${NO_KEY}\", secret: \"${NO_KEY}\" }"
            let scene = try Scene(configuration, ticks: SampleTicks(count: 10))
            let outcome = try await scene.madang("config", "check")
            #expect(outcome.exit == .code(3))
            #expect(
                outcome.errorText.contains("brokers.sim.key: the environment variable NO_KEY"),
                "\(outcome.errorText)")
            #expect(!outcome.errorText.contains("is not a broker"), "\(outcome.errorText)")
        }

        /// What is longer than a day would hold trades of the night.
        @Test func candlesBeyondADayKnowNoHours() async throws {
            let scene = try Scene(
                SceneConfiguration(
                    strategies: [
                        "{ name: cross, kind: ma_cross, on: \"candles:1w\", quantity: 10 }"
                    ], instruments: "{ symbols: [A, B, C, D], market: KR, hours: krx }"),
                ticks: SampleTicks(count: 10))
            let outcome = try await scene.madang("run", "--quiet")
            #expect(outcome.exit == .code(3))
            #expect(outcome.errorText.contains("'A' has hours, which candles:1w do not know"))
        }

        /// Seoul's afternoon: what is traded behind the close is told, and in no candle.
        @Test func tradesOutsideOfTheHoursAreCounted() async throws {
            let scene = try Scene(
                SceneConfiguration(
                    strategies: [
                        "{ name: cross, kind: ma_cross, on: \"candles:1m\", quantity: 1 }"
                    ],
                    instruments:
                        "{ symbols: [A, B, C, D], market: KR, hours: krx, odd_days: { 2024-01-02: \"09:00-10:00\" } }"
                ), ticks: SampleTicks(count: 6_000))
            let run = try await scene.madang("run", "--json").summary()
            let outside = try #require(run.outsideHours)
            #expect(outside > 2_000 && outside < 5_000 && run.ticks == 6_000)
            let plain = try await scene.madang("backtest", "--quiet")
            #expect(plain.output.contains { $0.hasPrefix("outside of hours") })
        }

        /// It would be said in the report, and move no price.
        @Test func slippageInStepsNeedsSteps() async throws {
            let scene = try Scene()
            let text = SceneConfiguration.plain.text
                .replacing("fee_bps: 5", with: "fee_bps: 5, slippage: 1 tick")
                .replacing("tick_size: krx", with: "tick_size: any")
            try scene.folder.write(text, as: "madang.yaml")
            let outcome = try await scene.madang("config", "check")
            #expect(outcome.exit == .code(3))
            for word in ["brokers.paper.slippage", "'A' has no price steps", "in bps"] {
                #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
            }
        }

        /// Of the instrument itself, and of all of them.
        @Test func silenceBetweenTwoCandlesIsNoTrouble() async throws {
            let scene = try Scene()
            let text = SceneConfiguration.plain.text
                .replacing("what: ticks", with: "what: candles, interval: 5m")
                .replacing("market: KR", with: "market: KR, no_data: 1m")
                .replacing("accounts:", with: "watch: { no_data: 5m }\naccounts:")
            try scene.folder.write(text, as: "madang.yaml")
            let outcome = try await scene.madang("config", "check")
            #expect(outcome.exit == .code(3))
            for word in [
                "instruments[0].no_data", "watch.no_data", "a feed has candles of 5m",
                "twice that, or off",
            ] {
                #expect(outcome.errorText.contains(word), "\(outcome.errorText)")
            }
        }

        @Test func threeMistakesAreToldInOneGo() async throws {
            let scene = try Scene()
            let text = SceneConfiguration.plain.text.replacing(
                "cash: 100000000", with: "cash: lots"
            )
            .replacing("quantity: 10", with: "quantty: 10").replacing(
                "market: KR", with: "markt: KR")
            try scene.folder.write(text, as: "madang.yaml")
            let outcome = try await scene.madang("config", "check")
            #expect(outcome.exit == .code(3))
            for word in ["accounts[0].cash", "strategies[0].quantty", "instruments[0].markt"] {
                #expect(outcome.errorText.contains(word))
            }
        }

        @Test func aMissingFileIsNamed() async throws {
            let scene = try Scene()
            let outcome = try await scene.madang("run", "-c", "other.yaml")
            #expect(outcome.exit == .code(3))
            #expect(outcome.output == [])
            #expect(outcome.errors == ["other.yaml: there is no such file", "  check the path"])
        }

        @Test(arguments: [
            ["rnu"], ["run", "--frehs"], ["run", "--summary"], ["config", "chekc"],
        ])
        func aWrongCommandLineIsCodeTwo(_ words: [String]) async throws {
            let outcome = try await Scene().madang(words)
            #expect(outcome.exit == .code(2))
            #expect(outcome.output == [])
            #expect(outcome.errorText.contains(words.last ?? ""))
        }
    }
}
