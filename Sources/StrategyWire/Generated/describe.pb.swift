// swift-format-ignore-file
// Made by protoc-gen-madang from madang/strategy/v1/describe.proto.
// Do not edit: change the .proto file and run Tools/generate.

/// Sent by the host to Describe.
package struct PBDescribeRequest: WireMessage {
    package static let protoName = "madang.strategy.v1.DescribeRequest"

    /// The host's product and version, for the server's log: "madang 0.1.0".
    package var host: String = ""
    /// The revisions of this contract that the host speaks, lowest and highest.
    package var revisions: PBRevisionRange? = nil
    /// The parameters the host is going to send in Configure, so that `inputs` and their warm-up
    /// are answered for them (a longer mean needs a longer history). What does not fit the schema
    /// is passed over here; Configure refuses it. Empty: answered for the defaults.
    package var parameters: WireMap<String, String> = [:]
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        host: String = "",
        revisions: PBRevisionRange? = nil,
        parameters: WireMap<String, String> = [:]
    ) {
        self.host = host
        self.revisions = revisions
        self.parameters = parameters
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: host = try reader.read(WireString.self)
            case 18: try reader.merge(&revisions)
            case 26:
                try reader.entry(WireString.self, WireString.self, into: &parameters)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.map(WireString.self, WireString.self, parameters, tag: 26)
        if let revisions { writer.put(revisions, tag: 18) }
        writer.write(WireString.self, host, tag: 10)
    }
}

/// Lowest and highest revision spoken, both inclusive, from 1.
package struct PBRevisionRange: WireMessage {
    package static let protoName = "madang.strategy.v1.RevisionRange"

    package var lowest: UInt32 = 0
    package var highest: UInt32 = 0
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(lowest: UInt32 = 0, highest: UInt32 = 0) {
        self.lowest = lowest
        self.highest = highest
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: lowest = try reader.read(WireUInt32.self)
            case 16: highest = try reader.read(WireUInt32.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireUInt32.self, highest, tag: 16)
        writer.write(WireUInt32.self, lowest, tag: 8)
    }
}

/// Who a server is and what it needs.
package struct PBDescribeResponse: WireMessage {
    package static let protoName = "madang.strategy.v1.DescribeResponse"

    /// The strategy's name, [A-Za-z0-9_.-]{1,64}. Part of the identity of its results.
    package var name: String = ""
    /// The strategy's own version, free text up to 64 bytes.
    package var version: String = ""
    /// New with each start of the process, up to 64 bytes: tells a restart from a reconnect.
    package var instanceID: String = ""
    package var model: PBModel? = nil
    /// Which SDK and its version, for people: "madang-python 0.1.0".
    package var sdk: String = ""
    /// The revisions this server speaks. The highest common one is used; none in common is a
    /// refusal.
    package var revisions: PBRevisionRange? = nil
    package var parameters: [PBParameter] = []
    package var inputs: [PBInput] = []
    /// True if a result depends on fills or positions. Such a server gets AccountUpdate events and
    /// a session for each account, and is fed one decision step at a time in replay and backtest.
    package var readsAccount: Bool = false
    /// True if each instrument is judged alone, so that a change of the instrument set changes
    /// nothing for the others.
    package var independentInstruments: Bool = false
    /// The most events in one Events message; 0: no limit of its own. The host never passes 256.
    package var largestBatch: UInt32 = 0
    /// True if the server permits HTTP/2 keepalive pings every 30 s.
    package var keepaliveWelcome: Bool = false
    /// True if it follows InstrumentChanges. Without it the list of Configure stands for the whole
    /// session.
    package var followsInstruments: Bool = false
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        name: String = "",
        version: String = "",
        instanceID: String = "",
        model: PBModel? = nil,
        sdk: String = "",
        revisions: PBRevisionRange? = nil,
        parameters: [PBParameter] = [],
        inputs: [PBInput] = [],
        readsAccount: Bool = false,
        independentInstruments: Bool = false,
        largestBatch: UInt32 = 0,
        keepaliveWelcome: Bool = false,
        followsInstruments: Bool = false
    ) {
        self.name = name
        self.version = version
        self.instanceID = instanceID
        self.model = model
        self.sdk = sdk
        self.revisions = revisions
        self.parameters = parameters
        self.inputs = inputs
        self.readsAccount = readsAccount
        self.independentInstruments = independentInstruments
        self.largestBatch = largestBatch
        self.keepaliveWelcome = keepaliveWelcome
        self.followsInstruments = followsInstruments
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.read(WireString.self)
            case 18: version = try reader.read(WireString.self)
            case 26: instanceID = try reader.read(WireString.self)
            case 34: try reader.merge(&model)
            case 42: sdk = try reader.read(WireString.self)
            case 50: try reader.merge(&revisions)
            case 58: parameters.append(try reader.read(WireNested<PBParameter>.self))
            case 66: inputs.append(try reader.read(WireNested<PBInput>.self))
            case 72: readsAccount = try reader.read(WireBool.self)
            case 80: independentInstruments = try reader.read(WireBool.self)
            case 88: largestBatch = try reader.read(WireUInt32.self)
            case 96: keepaliveWelcome = try reader.read(WireBool.self)
            case 104: followsInstruments = try reader.read(WireBool.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireBool.self, followsInstruments, tag: 104)
        writer.write(WireBool.self, keepaliveWelcome, tag: 96)
        writer.write(WireUInt32.self, largestBatch, tag: 88)
        writer.write(WireBool.self, independentInstruments, tag: 80)
        writer.write(WireBool.self, readsAccount, tag: 72)
        writer.repeated(WireNested<PBInput>.self, inputs, tag: 66)
        writer.repeated(WireNested<PBParameter>.self, parameters, tag: 58)
        if let revisions { writer.put(revisions, tag: 50) }
        writer.write(WireString.self, sdk, tag: 42)
        if let model { writer.put(model, tag: 34) }
        writer.write(WireString.self, instanceID, tag: 26)
        writer.write(WireString.self, version, tag: 18)
        writer.write(WireString.self, name, tag: 10)
    }
}

/// The model behind the strategy, where there is one.
package struct PBModel: WireMessage {
    package static let protoName = "madang.strategy.v1.Model"

    package var name: String = ""
    package var version: String = ""
    /// Of the weights, lower-case hex, up to 64 characters. Part of the identity of results.
    package var hash_: String = ""
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(name: String = "", version: String = "", hash_: String = "") {
        self.name = name
        self.version = version
        self.hash_ = hash_
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.read(WireString.self)
            case 18: version = try reader.read(WireString.self)
            case 26: hash_ = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, hash_, tag: 26)
        writer.write(WireString.self, version, tag: 18)
        writer.write(WireString.self, name, tag: 10)
    }
}

/// One named parameter. Values travel as text and mean what `type` says.
package struct PBParameter: WireMessage {
    package static let protoName = "madang.strategy.v1.Parameter"

    package var name: String = ""
    package var type: PBParameter.TypeEnum = .unspecified
    /// The value used when the host sends none.
    package var defaultValue: String = ""
    /// Inclusive bounds for INTEGER and NUMBER, as text; empty: unbounded.
    package var minimum: String = ""
    package var maximum: String = ""
    /// The allowed values of a TEXT parameter; empty: any.
    package var choices: [String] = []
    /// One line for people.
    package var help: String = ""
    package var unknownFields = WireUnknownFields()

    package enum TypeEnum: WireEnum {
        case unspecified
        /// Decimal digits with an optional sign, 64 bits.
        case integer
        /// Decimal notation, finite.
        case number
        /// "true" or "false".
        case boolean
        case text
        /// A number that this build has no name for.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            switch rawValue {
            case 0: self = .unspecified
            case 1: self = .integer
            case 2: self = .number
            case 3: self = .boolean
            case 4: self = .text
            default: self = .unrecognized(rawValue)
            }
        }

        package var rawValue: Int32 {
            switch self {
            case .unspecified: 0
            case .integer: 1
            case .number: 2
            case .boolean: 3
            case .text: 4
            case .unrecognized(let number): number
            }
        }
    }

    package init() {}

    package init(
        name: String = "",
        type: PBParameter.TypeEnum = .unspecified,
        defaultValue: String = "",
        minimum: String = "",
        maximum: String = "",
        choices: [String] = [],
        help: String = ""
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.minimum = minimum
        self.maximum = maximum
        self.choices = choices
        self.help = help
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.read(WireString.self)
            case 16: type = try reader.read(WireOpenEnum<PBParameter.TypeEnum>.self)
            case 26: defaultValue = try reader.read(WireString.self)
            case 34: minimum = try reader.read(WireString.self)
            case 42: maximum = try reader.read(WireString.self)
            case 50: choices.append(try reader.read(WireString.self))
            case 58: help = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, help, tag: 58)
        writer.repeated(WireString.self, choices, tag: 50)
        writer.write(WireString.self, maximum, tag: 42)
        writer.write(WireString.self, minimum, tag: 34)
        writer.write(WireString.self, defaultValue, tag: 26)
        writer.write(WireOpenEnum<PBParameter.TypeEnum>.self, type, tag: 16)
        writer.write(WireString.self, name, tag: 10)
    }
}

/// A kind of event the server wants. Nothing that is not asked for is sent.
package struct PBInput: WireMessage {
    package static let protoName = "madang.strategy.v1.Input"

    package var kind: PBInput.Kind = .unspecified
    /// Length of a candle or distance of timers, ns. 0 for ticks and quotes.
    package var intervalNs: Int64 = 0
    /// Events of history wanted for each instrument before the first live event.
    package var warmUp: UInt32 = 0
    /// Candles only: also those that are not final yet, each behind the trade or shorter candle
    /// that changed it. They are not in a warm-up, and may be left out (see Skipped).
    package var unfinished: Bool = false
    package var unknownFields = WireUnknownFields()

    package enum Kind: WireEnum {
        case unspecified
        case ticks
        case quotes
        /// Candles of `interval_ns`.
        case candles
        /// A timer every `interval_ns`, aligned to the epoch.
        case timers
        /// A number that this build has no name for.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            switch rawValue {
            case 0: self = .unspecified
            case 1: self = .ticks
            case 2: self = .quotes
            case 3: self = .candles
            case 4: self = .timers
            default: self = .unrecognized(rawValue)
            }
        }

        package var rawValue: Int32 {
            switch self {
            case .unspecified: 0
            case .ticks: 1
            case .quotes: 2
            case .candles: 3
            case .timers: 4
            case .unrecognized(let number): number
            }
        }
    }

    package init() {}

    package init(
        kind: PBInput.Kind = .unspecified,
        intervalNs: Int64 = 0,
        warmUp: UInt32 = 0,
        unfinished: Bool = false
    ) {
        self.kind = kind
        self.intervalNs = intervalNs
        self.warmUp = warmUp
        self.unfinished = unfinished
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: kind = try reader.read(WireOpenEnum<PBInput.Kind>.self)
            case 16: intervalNs = try reader.read(WireInt64.self)
            case 24: warmUp = try reader.read(WireUInt32.self)
            case 32: unfinished = try reader.read(WireBool.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireBool.self, unfinished, tag: 32)
        writer.write(WireUInt32.self, warmUp, tag: 24)
        writer.write(WireInt64.self, intervalNs, tag: 16)
        writer.write(WireOpenEnum<PBInput.Kind>.self, kind, tag: 8)
    }
}
