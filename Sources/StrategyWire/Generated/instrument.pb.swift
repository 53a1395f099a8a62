// swift-format-ignore-file
// Made by protoc-gen-madang from madang/strategy/v1/instrument.proto.
// Do not edit: change the .proto file and run Tools/generate.

/// An instrument of the session.
package struct PBInstrument: WireMessage {
    package static let protoName = "madang.strategy.v1.Instrument"

    /// Never another's in the life of the session, across epochs; the same again for one that comes
    /// back. From 0.
    package var number: UInt32 = 0
    package var symbol: String = ""
    /// KR, US, CRYPTO, ...
    package var market: String = ""
    /// ISO 4217 or a coin's code.
    package var currency: String = ""
    /// The price step at 10^-8; 0 where it depends on the price (KRX) or is free.
    package var tickSize: Int64 = 0
    /// The quantity step at 10^-8.
    package var lot: Int64 = 0
    /// IANA name: Asia/Seoul.
    package var timeZone: String = ""
    package var unknownFields = WireUnknownFields()

    package init() {}

    package init(
        number: UInt32 = 0,
        symbol: String = "",
        market: String = "",
        currency: String = "",
        tickSize: Int64 = 0,
        lot: Int64 = 0,
        timeZone: String = ""
    ) {
        self.number = number
        self.symbol = symbol
        self.market = market
        self.currency = currency
        self.tickSize = tickSize
        self.lot = lot
        self.timeZone = timeZone
    }

    package mutating func merge(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: number = try reader.read(WireUInt32.self)
            case 18: symbol = try reader.read(WireString.self)
            case 26: market = try reader.read(WireString.self)
            case 34: currency = try reader.read(WireString.self)
            case 40: tickSize = try reader.read(WireInt64.self)
            case 48: lot = try reader.read(WireInt64.self)
            case 58: timeZone = try reader.read(WireString.self)
            default: try reader.keep(tag, in: &unknownFields)
            }
        }
    }

    package func write(to writer: inout WireWriter) {
        writer.write(unknownFields)
        writer.write(WireString.self, timeZone, tag: 58)
        writer.write(WireInt64.self, lot, tag: 48)
        writer.write(WireInt64.self, tickSize, tag: 40)
        writer.write(WireString.self, currency, tag: 34)
        writer.write(WireString.self, market, tag: 26)
        writer.write(WireString.self, symbol, tag: 18)
        writer.write(WireUInt32.self, number, tag: 8)
    }
}
