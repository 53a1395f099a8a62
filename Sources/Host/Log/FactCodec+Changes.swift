import Kernel
import Platform
import TradingModel

/// Changes of open orders as bytes.
extension FactCodec {
    static func write(_ fact: ChangeFact, to out: inout ByteWriter) {
        switch fact {
        case .asked(let decision):
            out.write(1 as UInt8)
            write(decision, to: &out)
        case .notApproved(let decision):
            out.write(2 as UInt8)
            write(decision, to: &out)
        case .taken(let number, let change, let id):
            out.write(3 as UInt8)
            out.write(number.value)
            write(change, to: &out)
            out.write(id.text)
        case .refused(let number, let change, let reason):
            out.write(4 as UInt8)
            out.write(number.value)
            write(change, to: &out)
            out.write(reason)
        }
    }

    static func change(_ from: inout ByteReader) throws(ByteError) -> ChangeFact {
        let at = from.offset
        switch try from.read(UInt8.self) {
        case 1: return .asked(try changeDecision(&from))
        case 2: return .notApproved(try changeDecision(&from))
        case 3:
            return .taken(
                OrderNumber(try from.read()), try terms(&from),
                BrokerOrderID(try from.readString()))
        case 4:
            return .refused(
                OrderNumber(try from.read()), try terms(&from), reason: try from.readString())
        case let kind: throw .malformed(at: at, what: "change of kind \(kind)")
        }
    }

    private static func write(_ change: OrderChange, to out: inout ByteWriter) {
        out.write(change.limit.units)
        out.write(change.quantity.units)
    }
    private static func terms(_ from: inout ByteReader) throws(ByteError) -> OrderChange {
        OrderChange(
            limit: Price(units: try from.read()), quantity: Quantity(units: try from.read()))
    }

    private static func write(_ decision: ChangeDecision, to out: inout ByteWriter) {
        out.write(decision.number.value)
        write(decision.before, to: &out)
        write(decision.after, to: &out)
        out.write(decision.opens)
        out.write(decision.reserved.units)
        out.write(decision.position.value)
        out.write(decision.rule)
        out.write(decision.detail.text)
    }
    private static func changeDecision(
        _ from: inout ByteReader
    ) throws(ByteError) -> ChangeDecision {
        ChangeDecision(
            number: OrderNumber(try from.read()), before: try terms(&from),
            after: try terms(&from), opens: try from.readBool(),
            reserved: Money(units: try from.read()), position: EventPosition(try from.read()),
            rule: try from.readString(), detail: .words(try from.readString()))
    }
}
