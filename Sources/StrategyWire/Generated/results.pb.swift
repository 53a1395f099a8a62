// swift-format-ignore-file
// Made by protoc-gen-madang from madang/strategy/v1/results.proto.
// Do not edit: change the .proto file and run Tools/generate.

/// Results, in rising order of position. Nothing triggered: nothing sent.
package struct PBResults: WireMessage {
    package static let protoName = "madang.strategy.v1.Results"

    package var results: [PBResult] = []
    /// If set, means the same as a Watermark message right behind this one, and saves a message.
    package var watermark: UInt64? = nil
    /// Goes with `watermark`: the highest Beat received so far.
    package var beat: UInt64 = 0
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(results: [PBResult] = [], watermark: UInt64? = nil, beat: UInt64 = 0) {
        self.results = results
        self.watermark = watermark
        self.beat = beat
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: results.append(try reader.read(WireNested<PBResult>.self))
            case 17: watermark = try reader.read(WireFixed64.self)
            case 24: beat = try reader.read(WireUInt64.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireUInt64.self, beat, tag: 24)
        if let watermark { writer.put(WireFixed64.self, watermark, tag: 17) }
        writer.repeated(WireNested<PBResult>.self, results, tag: 10)
    }
}

/// What a strategy wants. Identity: (feed key, position, instrument, index). The feed key is
/// strategy, version, model hash and parameter hash, plus the account if the server reads account
/// state. The same identity with the same content changes nothing; with another content it is
/// reported as non-determinism, and the first stands.
package struct PBResult: WireMessage {
    package static let protoName = "madang.strategy.v1.Result"

    /// The event it was computed from: sent, and not closed by a watermark yet.
    package var position: UInt64 = 0
    /// The session's number of the instrument it is about.
    package var instrument: UInt32 = 0
    /// From 0 within (position, instrument).
    package var index: UInt32 = 0
    package var action: PBResult.Action = .unspecified
    package var size: Size? = nil
    /// A limit order at this price, at 10^-8, positive. Buys are rounded down and sales up to the
    /// tick. Absent: a market order.
    package var limitPrice: Int64? = nil
    /// 0 ... 1,000,000; round to nearest, ties to even, when it comes from floating point.
    package var confidence: UInt32 = 0
    /// How long it stands, ns from the entry of the event. Absent: until the next candle of the
    /// input it was computed from; 60 s where it was computed from none.
    package var validForNs: Int64? = nil
    /// One line for people, and short words for machines.
    package var message: String = ""
    package var reasons: [String] = []
    /// Free pairs for the record; at most 16.
    package var tags: WireMap<String, String> = [:]
    package var unknownFields = WireUnknownFields()

    package enum Size: Hashable, Sendable {
        /// At 10^-8, positive.
        case quantity(Int64)
        /// Of the account's equity, at 10^-6, -10,000,000 ... 10,000,000. Sets the size, never the
        /// side.
        case targetWeight(Int64)
        /// Of what is held, at 10^-6, 1 ... 1,000,000; for sales.
        case fraction(UInt64)
    }

    package enum Action: WireEnum {
        case unspecified
        case buy
        /// Reduces what is held, unless the account may go short.
        case sell
        /// A message to people, no order.
        case alert
        /// A number that this build has no name for.
        case unrecognized(Int32)

        package init(rawValue: Int32) {
            switch rawValue {
            case 0: self = .unspecified
            case 1: self = .buy
            case 2: self = .sell
            case 3: self = .alert
            default: self = .unrecognized(rawValue)
            }
        }

        package var rawValue: Int32 {
            switch self {
            case .unspecified: 0
            case .buy: 1
            case .sell: 2
            case .alert: 3
            case .unrecognized(let number): number
            }
        }
    }

    package init() {}

    package init(
        position: UInt64 = 0,
        instrument: UInt32 = 0,
        index: UInt32 = 0,
        action: PBResult.Action = .unspecified,
        size: Size? = nil,
        limitPrice: Int64? = nil,
        confidence: UInt32 = 0,
        validForNs: Int64? = nil,
        message: String = "",
        reasons: [String] = [],
        tags: WireMap<String, String> = [:]
    ) {
        self.position = position
        self.instrument = instrument
        self.index = index
        self.action = action
        self.size = size
        self.limitPrice = limitPrice
        self.confidence = confidence
        self.validForNs = validForNs
        self.message = message
        self.reasons = reasons
        self.tags = tags
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 9: position = try reader.read(WireFixed64.self)
            case 16: instrument = try reader.read(WireUInt32.self)
            case 24: index = try reader.read(WireUInt32.self)
            case 32: action = try reader.read(WireOpenEnum<PBResult.Action>.self)
            case 41: size = .quantity(try reader.read(WireSFixed64.self))
            case 48: size = .targetWeight(try reader.read(WireSInt64.self))
            case 56: size = .fraction(try reader.read(WireUInt64.self))
            case 65: limitPrice = try reader.read(WireSFixed64.self)
            case 72: confidence = try reader.read(WireUInt32.self)
            case 80: validForNs = try reader.read(WireInt64.self)
            case 90: message = try reader.read(WireString.self)
            case 98: reasons.append(try reader.read(WireString.self))
            case 106:
                try reader.entry(WireString.self, WireString.self, into: &tags)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.map(WireString.self, WireString.self, tags, tag: 106)
        writer.repeated(WireString.self, reasons, tag: 98)
        writer.write(WireString.self, message, tag: 90)
        if let validForNs { writer.put(WireInt64.self, validForNs, tag: 80) }
        writer.write(WireUInt32.self, confidence, tag: 72)
        if let limitPrice { writer.put(WireSFixed64.self, limitPrice, tag: 65) }
        switch size {
        case .fraction(let value): writer.put(WireUInt64.self, value, tag: 56)
        case .targetWeight(let value): writer.put(WireSInt64.self, value, tag: 48)
        case .quantity(let value): writer.put(WireSFixed64.self, value, tag: 41)
        case nil: break
        }
        writer.write(WireOpenEnum<PBResult.Action>.self, action, tag: 32)
        writer.write(WireUInt32.self, index, tag: 24)
        writer.write(WireUInt32.self, instrument, tag: 16)
        writer.write(WireFixed64.self, position, tag: 9)
    }
}
