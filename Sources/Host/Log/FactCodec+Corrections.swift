import Kernel
import Platform
import TradingModel

extension FactCodec {
    static func write(_ correction: Correction, to out: inout ByteWriter) {
        let order = correction.order
        out.write(order.account.index)
        out.write(varint: UInt64(order.broker))
        switch order.difference {
        case .holding(let instrument, let books, let stated):
            out.write(1 as UInt8)
            out.write(instrument.index)
            out.write(books.units)
            out.write(stated.units)
        case .cash(let books, let stated):
            out.write(2 as UInt8)
            out.write(books.units)
            out.write(stated.units)
        }
        out.write(order.author.rawValue)
        out.write(order.brokerName)
        out.write(order.reason)
        out.write(order.time.nanoseconds)
        out.write(correction.positionBefore.units)
        out.write(correction.positionAfter.units)
        for money in [
            correction.costBefore, correction.costAfter, correction.cashBefore,
            correction.cashAfter, correction.worth,
        ] {
            out.write(money.units)
        }
    }

    static func correction(_ from: inout ByteReader) throws(ByteError) -> Correction {
        let account = AccountID(Int(try from.read(Int32.self)))
        let at = from.offset
        let broker = try from.readVarint()
        guard broker < 1_024 else { throw .malformed(at: at, what: "broker \(broker)") }
        let difference: Difference
        switch try from.read(UInt8.self) {
        case 1:
            difference = .holding(
                InstrumentID(Int(try from.read(Int32.self))),
                books: Quantity(units: try from.read()), stated: Quantity(units: try from.read()))
        case 2:
            difference = .cash(
                books: Money(units: try from.read()), stated: Money(units: try from.read()))
        case let kind: throw .malformed(at: at, what: "difference of kind \(kind)")
        }
        guard let author = CorrectionOrder.Author(rawValue: try from.read()) else {
            throw .malformed(at: at, what: "author of a correction")
        }
        let name = try from.readString()
        let reason = try from.readString()
        let order = CorrectionOrder(
            account: account, broker: Int(broker), named: name, difference, by: author,
            reason: reason, at: Timestamp(nanoseconds: try from.read()))
        return Correction(
            order, positionBefore: Quantity(units: try from.read()),
            positionAfter: Quantity(units: try from.read()),
            costBefore: Money(units: try from.read()), costAfter: Money(units: try from.read()),
            cashBefore: Money(units: try from.read()), cashAfter: Money(units: try from.read()),
            worth: Money(units: try from.read()))
    }
}
