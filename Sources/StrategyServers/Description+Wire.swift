import Ports
import StrategyWire
import TradingModel

/// Why a server cannot be used as it is: a person must act.
struct ServerRefusal: Error, Hashable, CustomStringConvertible {
    let what: String
    let advice: String
    /// What to do about a server that does not do as it should.
    static let defect = "the server has a defect: docs/PROTOCOL.md says what it should send"

    init(_ what: String, advice: String = ServerRefusal.defect) {
        self.what = what
        self.advice = advice
    }
    var description: String { advice.isEmpty ? what : "\(what)\n  \(advice)" }
}

/// The revisions of the contract that this host speaks.
enum Revision {
    static let lowest: UInt32 = 1
    static let highest: UInt32 = 1

    /// The highest common one.
    static func common(with server: PBRevisionRange?) throws(ServerRefusal) -> UInt32 {
        let low = server?.lowest ?? 0
        let high = server?.highest ?? 0
        let common = min(high, highest)
        guard low >= 1, common >= lowest, common >= low else {
            let newer = low > highest
            throw ServerRefusal(
                "it speaks protocol \(words(low, high)), this host speaks \(words(lowest, highest))",
                advice: newer
                    ? "the server was built with a newer SDK; upgrade the host, or install the SDK of this"
                        + " checkout: pip install ./strategies-py"
                    : "the server was built with an older SDK; install the SDK of this checkout: pip install"
                        + " ./strategies-py")
        }
        return common
    }
    private static func words(_ low: UInt32, _ high: UInt32) -> String {
        low == high ? "\(low)" : "\(low) to \(high)"
    }
}

extension ServerDescription {
    /// Checks what a server says of itself.
    init(_ wire: PBDescribeResponse, parameterHash: String) throws(ServerRefusal) {
        let nameIsGood =
            (1...64).contains(wire.name.utf8.count)
            && wire.name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard nameIsGood else {
            throw ServerRefusal(
                "its name '\(wire.name)' is not allowed", advice: "letters, digits, _ . -, up to 64")
        }
        var inputs: [ServerInput] = []
        for input in wire.inputs { inputs.append(try ServerInput(input)) }
        guard !inputs.isEmpty else {
            throw ServerRefusal("it asks for no inputs", advice: "name ticks, quotes, candles or timers")
        }
        self.init(
            name: wire.name, version: wire.version, instanceID: wire.instanceID,
            modelName: wire.model?.name ?? "", modelVersion: wire.model?.version ?? "",
            modelHash: wire.model?.hash_ ?? "", sdk: wire.sdk, inputs: inputs,
            readsAccount: wire.readsAccount, independentInstruments: wire.independentInstruments,
            largestBatch: wire.largestBatch == 0 ? .max : Int(wire.largestBatch),
            parameterHash: parameterHash)
    }
}

extension ServerInput {
    init(_ wire: PBInput) throws(ServerRefusal) {
        let warmUp = Int(min(wire.warmUp, 1_000_000))
        func interval() throws(ServerRefusal) -> Interval {
            guard wire.intervalNs > 0, wire.intervalNs % 1_000_000_000 == 0,
                let interval = Interval(seconds: wire.intervalNs / 1_000_000_000)
            else {
                throw ServerRefusal(
                    "it asks for an interval of \(wire.intervalNs) ns", advice: "whole seconds, up to 366 days")
            }
            return interval
        }
        switch wire.kind {
        case .ticks: self.init(.ticks, warmUp: warmUp)
        case .quotes: self.init(.quotes, warmUp: warmUp)
        case .candles: self.init(.candles(try interval(), unfinished: wire.unfinished), warmUp: warmUp)
        case .timers: self.init(.timers(try interval()), warmUp: warmUp)
        case .unspecified, .unrecognized:
            throw ServerRefusal(
                "it asks for a kind of event (\(wire.kind.rawValue)) that this host does not know",
                advice: "upgrade the host")
        }
    }
}

/// Overrides held against the server's schema.
enum ParameterCheck {
    /// - Returns: Every parameter in force, by name.
    static func inForce(
        _ overrides: [String: String], _ schema: [PBParameter]
    ) throws(ServerRefusal) -> [String: String] {
        var values: [String: String] = [:]
        for parameter in schema { values[parameter.name] = parameter.defaultValue }
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard values[name] != nil else {
                let known = schema.map(\.name).sorted().joined(separator: ", ")
                throw ServerRefusal(
                    "it has no parameter '\(name)'", advice: known.isEmpty ? "it has none" : "it has: \(known)")
            }
            values[name] = value
        }
        return values
    }

    /// What the parameter hash covers: see Configure in session.proto.
    static func text(_ values: [String: String]) -> String {
        values.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
            .map { "\($0.key)=\($0.value)\n" }.joined()
    }
}
