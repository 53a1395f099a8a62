import Ports
import StrategyWire
import Testing
import TradingModel

@testable import StrategyServers

@Suite struct DescriptionTests {
    // MARK: Revisions

    @Test(
        arguments: [
            (1, 1, 1), (1, 9, 1), (2, 3, nil), (0, 1, nil), (0, 0, nil), (2, 1, nil),
        ] as [(UInt32, UInt32, UInt32?)])
    func highestCommonRevisionIsUsed(_ low: UInt32, _ high: UInt32, _ common: UInt32?) {
        let range = PBRevisionRange(lowest: low, highest: high)
        #expect((try? Revision.common(with: range)) == common)
    }

    @Test func noCommonRevisionNamesBothRanges() {
        let refusal = #expect(throws: ServerRefusal.self) {
            try Revision.common(with: PBRevisionRange(lowest: 2, highest: 3))
        }
        #expect(refusal?.what == "it speaks protocol 2 to 3, this host speaks 1")
        #expect(refusal?.advice.hasPrefix("the server was built with a newer SDK") == true)
        let nothing = #expect(throws: ServerRefusal.self) { try Revision.common(with: nil) }
        #expect(nothing?.what == "it speaks protocol 0, this host speaks 1")
    }

    // MARK: Describe

    private func described(_ change: (inout PBDescribeResponse) -> Void) throws(ServerRefusal)
        -> ServerDescription
    {
        var wire = Puppet.ticks
        change(&wire)
        return try ServerDescription(wire, parameterHash: "0123456789abcdef")
    }

    @Test func whatAServerSaysOfItselfIsTaken() throws {
        let description = try described { wire in
            wire.inputs = [
                PBInput(kind: .candles, intervalNs: 60_000_000_000, warmUp: 200),
                PBInput(kind: .timers, intervalNs: 10_000_000_000),
            ]
            wire.readsAccount = true
            wire.largestBatch = 7
        }
        let minute = try #require(Interval("1m"))
        let tenSeconds = try #require(Interval("10s"))
        #expect(
            description.inputs == [
                ServerInput(.candles(minute, unfinished: false), warmUp: 200),
                ServerInput(.timers(tenSeconds), warmUp: 0),
            ])
        #expect((description.largestBatch, description.readsAccount) == (7, true))
        #expect(try described { $0.largestBatch = 0 }.largestBatch == .max)
        #expect(description.modelHash == "abc")
    }

    static let breaches: [(words: String, change: @Sendable (inout PBDescribeResponse) -> Void)] = [
        ("its name '' is not allowed", { $0.name = "" }),
        ("its name 'a b' is not allowed", { $0.name = "a b" }),
        ("its version has 65 bytes", { $0.version = String(repeating: "1", count: 65) }),
        ("its instance_id has 65 bytes", { $0.instanceID = String(repeating: "1", count: 65) }),
        ("its model.hash has 66 bytes", { $0.model?.hash_ = String(repeating: "é", count: 33) }),
        ("it asks for no inputs", { $0.inputs = [] }),
        (
            "it asks twice for ticks",
            { $0.inputs = [PBInput(kind: .ticks), PBInput(kind: .ticks)] }
        ),
        (
            "it asks twice for candles:1m",
            { wire in
                wire.inputs = [false, true].map {
                    PBInput(kind: .candles, intervalNs: 60_000_000_000, unfinished: $0)
                }
            }
        ),
        (
            "it asks for an interval of 1500000000 ns",
            { $0.inputs = [PBInput(kind: .timers, intervalNs: 1_500_000_000)] }
        ),
        (
            "it asks for a history of 1000001 events",
            { $0.inputs = [PBInput(kind: .ticks, warmUp: 1_000_001)] }
        ),
        ("it asks for an interval of 0 ns", { $0.inputs = [PBInput(kind: .candles)] }),
        (
            "it asks for a kind of event (77) that this host does not know",
            { $0.inputs = [PBInput(kind: .unrecognized(77))] }
        ),
    ]

    @Test(arguments: breaches.indices)
    func whatCannotBeUsedIsRefusedByName(_ index: Int) {
        let breach = Self.breaches[index]
        let refusal = #expect(throws: ServerRefusal.self) { try described(breach.change) }
        #expect(refusal?.what == breach.words)
    }

    // MARK: Parameters

    static let schema = [
        PBParameter(name: "slow", type: .integer, defaultValue: "60", minimum: "2"),
        PBParameter(name: "fast", type: .integer, defaultValue: "20", minimum: "1", maximum: "500"),
        PBParameter(name: "share", type: .number, defaultValue: "0.5", minimum: "0", maximum: "1"),
        PBParameter(name: "both", type: .boolean, defaultValue: "false"),
        PBParameter(name: "on", type: .text, defaultValue: "close", choices: ["open", "close"]),
        PBParameter(name: "note", type: .text),
    ]

    @Test func defaultsStandWhereNothingIsOverridden() throws {
        let values = try ParameterCheck.inForce(
            ["fast": "10", "both": "true", "share": "1e-1", "note": "any"], Self.schema)
        #expect(
            values == [
                "fast": "10", "slow": "60", "share": "1e-1", "both": "true", "on": "close",
                "note": "any",
            ])
    }

    /// The hash is taken over this text: names in byte order, a line each.
    @Test func parametersAreHashedInByteOrder() throws {
        let text = ParameterCheck.text(["b": "2", "a": "1", "B": "3", "é": "", "aa": "x=y"])
        #expect(text == "B=3\na=1\naa=x=y\nb=2\né=\n")
    }

    @Test(
        arguments: [
            (
                "quick", "3", "it has no parameter 'quick'",
                "it has: both, fast, note, on, share, slow"
            ),
            (
                "fast", "0", "its parameter 'fast' cannot be '0'",
                "it must be a whole number from 1 to 500"
            ),
            (
                "fast", "501", "its parameter 'fast' cannot be '501'",
                "it must be a whole number from 1 to 500"
            ),
            (
                "slow", "1.5", "its parameter 'slow' cannot be '1.5'",
                "it must be a whole number from 2"
            ),
            (
                "share", "nan", "its parameter 'share' cannot be 'nan'",
                "it must be a number from 0 to 1"
            ),
            (
                "share", "0x1p-1", "its parameter 'share' cannot be '0x1p-1'",
                "it must be a number from 0 to 1"
            ),
            (
                "share", "1.1", "its parameter 'share' cannot be '1.1'",
                "it must be a number from 0 to 1"
            ),
            ("both", "yes", "its parameter 'both' cannot be 'yes'", "it must be true or false"),
            ("on", "high", "its parameter 'on' cannot be 'high'", "it must be one of open, close"),
        ])
    func overridesAreHeldAgainstTheSchema(
        _ name: String, _ value: String, _ what: String, _ advice: String
    ) {
        #expect(throws: ServerRefusal(what, advice: advice)) {
            try ParameterCheck.inForce([name: value], Self.schema)
        }
    }
}
