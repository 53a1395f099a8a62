import Kernel
import Platform
import TradingModel

/// What is decided about exits, behind its own number of kind.
extension FactCodec {
    static func write(_ fact: ExitFact, to out: inout ByteWriter) {
        switch fact {
        case .armed(let desk, let plan, let source, let price, let quantity):
            out.write(1 as UInt8)
            write(desk, to: &out)
            out.write(UInt32(clamping: plan))
            out.write(source.index)
            out.write(price.units)
            out.write(quantity.units)
        case .fired(let desk, let plan, let tier, let price):
            out.write(2 as UInt8)
            write(desk, to: &out)
            out.write(UInt32(clamping: plan))
            out.write(UInt32(clamping: tier))
            out.write(price.units)
        case .assigned(let desk, let number, let tier, let time):
            out.write(3 as UInt8)
            write(desk, to: &out)
            out.write(number.value)
            out.write(UInt32(clamping: tier))
            out.write(time.nanoseconds)
        case .doubted(let desk, let price, let since):
            out.write(4 as UInt8)
            write(desk, to: &out)
            out.write(price.units)
            out.write(since.units)
        case .believed(let desk):
            out.write(5 as UInt8)
            write(desk, to: &out)
        case .held(let on, let reason):
            out.write(6 as UInt8)
            out.write(on)
            out.write(reason)
        case .halted(let instrument, let on):
            out.write(7 as UInt8)
            out.write(instrument.index)
            out.write(on)
        case .split(let instrument, let new, let old):
            out.write(8 as UInt8)
            out.write(instrument.index)
            out.write(new)
            out.write(old)
        case .flattening(let account, let on, let reason):
            out.write(9 as UInt8)
            out.write(account.index)
            out.write(on)
            out.write(reason)
        case .dayLimits(let instrument, let limits):
            out.write(10 as UInt8)
            out.write(instrument.index)
            out.write(limits != nil)
            guard let limits else { return }
            out.write(limits.lower.units)
            out.write(limits.upper.units)
            out.write(limits.day)
        }
    }

    static func exit(_ from: inout ByteReader) throws(ByteError) -> ExitFact {
        let at = from.offset
        switch try from.read(UInt8.self) {
        case 1:
            return .armed(
                try desk(&from), plan: Int(try from.read(UInt32.self)),
                source: SourceID(Int(try from.read(Int32.self))),
                price: Price(units: try from.read()), quantity: Quantity(units: try from.read()))
        case 2:
            return .fired(
                try desk(&from), plan: Int(try from.read(UInt32.self)),
                tier: Int(try from.read(UInt32.self)), price: Price(units: try from.read()))
        case 3:
            return .assigned(
                try desk(&from), OrderNumber(try from.read()),
                tier: Int(try from.read(UInt32.self)),
                at: Timestamp(nanoseconds: try from.read()))
        case 4:
            return .doubted(
                try desk(&from), price: Price(units: try from.read()),
                since: Price(units: try from.read()))
        case 5: return .believed(try desk(&from))
        case 6: return .held(try from.readBool(), reason: try from.readString())
        case 7:
            return .halted(
                InstrumentID(Int(try from.read(Int32.self))), try from.readBool())
        case 8:
            return .split(
                InstrumentID(Int(try from.read(Int32.self))), new: try from.read(),
                old: try from.read())
        case 9:
            return .flattening(
                AccountID(Int(try from.read(Int32.self))), try from.readBool(),
                reason: try from.readString())
        case 10:
            let instrument = InstrumentID(Int(try from.read(Int32.self)))
            guard try from.readBool() else { return .dayLimits(instrument, nil) }
            guard
                let limits = DayLimits(
                    lower: Price(units: try from.read()), upper: Price(units: try from.read()),
                    day: try from.read())
            else { throw .malformed(at: at, what: "a day's price limits") }
            return .dayLimits(instrument, limits)
        case let kind: throw .malformed(at: at, what: "fact of an exit of kind \(kind)")
        }
    }
}
