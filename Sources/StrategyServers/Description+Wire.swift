import Ports
import StrategyWire
import TradingModel

/// Why a server cannot be used as it is: a person must act.
struct ServerRefusal: Error, Hashable, CustomStringConvertible {
    let what: String
    let advice: String
    /// A new connection would not mend it.
    let isLast: Bool
    /// What to do about a server that does not do as it should.
    static let defect = "the server has a defect: docs/PROTOCOL.md says what it should send"

    init(_ what: String, advice: String = ServerRefusal.defect, isLast: Bool = false) {
        self.what = what
        self.advice = advice
        self.isLast = isLast
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
        let isName = wire.name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isName, (1...Self.longestName).contains(wire.name.utf8.count) else {
            throw ServerRefusal(
                "its name '\(wire.name)' is not allowed", advice: "letters, digits, _ . -, up to 64"
            )
        }
        let names = [
            "version": wire.version, "instance_id": wire.instanceID,
            "model.hash": wire.model?.hash_ ?? "",
        ]
        for (field, text) in names.sorted(by: { $0.key < $1.key }) {
            guard text.utf8.count <= Self.longestName else {
                throw ServerRefusal(
                    "its \(field) has \(text.utf8.count) bytes",
                    advice: "at most \(Self.longestName)")
            }
        }
        let inputs = try ServerInput.list(wire.inputs)
        self.init(
            name: wire.name, version: wire.version, instanceID: wire.instanceID,
            modelName: wire.model?.name ?? "", modelVersion: wire.model?.version ?? "",
            modelHash: wire.model?.hash_ ?? "", sdk: wire.sdk, inputs: inputs,
            readsAccount: wire.readsAccount, independentInstruments: wire.independentInstruments,
            largestBatch: wire.largestBatch == 0 ? .max : Int(wire.largestBatch),
            parameterHash: parameterHash, followsInstruments: wire.followsInstruments)
    }
    /// Bytes of a name, version, instance id or hash.
    static let longestName = 64
}

extension ServerInput {
    /// Checks what a server asks for: something, and nothing twice.
    fileprivate static func list(_ wire: [PBInput]) throws(ServerRefusal) -> [ServerInput] {
        var inputs: [ServerInput] = []
        for input in wire {
            let next = try ServerInput(input)
            guard !inputs.contains(where: { $0.isOfSameEvents(as: next) }) else {
                throw ServerRefusal("it asks twice for \(next)", advice: "name each input once")
            }
            inputs.append(next)
        }
        guard !inputs.isEmpty else {
            throw ServerRefusal(
                "it asks for no inputs", advice: "name ticks, quotes, candles or timers")
        }
        return inputs
    }

    /// Events of history of each input and instrument.
    static let longestWarmUp = 1_000_000

    private func isOfSameEvents(as other: ServerInput) -> Bool {
        switch (kind, other.kind) {
        case (.candles(let mine, _), .candles(let others, _)): mine == others
        default: kind == other.kind
        }
    }

    init(_ wire: PBInput) throws(ServerRefusal) {
        let warmUp = Int(wire.warmUp)
        guard warmUp <= Self.longestWarmUp else {
            throw ServerRefusal(
                "it asks for a history of \(warmUp) events",
                advice: "at most \(Self.longestWarmUp) of each input and instrument")
        }
        func interval() throws(ServerRefusal) -> Interval {
            guard wire.intervalNs > 0, wire.intervalNs % 1_000_000_000 == 0,
                let interval = Interval(seconds: wire.intervalNs / 1_000_000_000)
            else {
                throw ServerRefusal(
                    "it asks for an interval of \(wire.intervalNs) ns",
                    advice: "whole seconds, up to 366 days")
            }
            return interval
        }
        switch wire.kind {
        case .ticks: self.init(.ticks, warmUp: warmUp)
        case .quotes: self.init(.quotes, warmUp: warmUp)
        case .candles:
            self.init(.candles(try interval(), unfinished: wire.unfinished), warmUp: warmUp)
        case .timers: self.init(.timers(try interval()), warmUp: warmUp)
        case .unspecified, .unrecognized:
            throw ServerRefusal(
                "it asks for a kind of event (\(wire.kind.rawValue)) that this host does not know",
                advice: "upgrade the host")
        }
    }
}

extension ServerInput: CustomStringConvertible {
    package var description: String {
        switch kind {
        case .ticks: "ticks"
        case .quotes: "quotes"
        case .candles(let interval, _): "candles:\(interval)"
        case .timers(let interval): "timers:\(interval)"
        }
    }
}
