import Host
import Kernel
import TestKit
import TradingModel

@testable import Backtest

/// A recording of closes and the fills of a plan, without the host.
enum Sample {
    static func plan(
        accounts: Int = 1, instruments: Int = 2, cash: Int128 = 1_000,
        zones: [ZoneOffsets]? = nil, home: ZoneOffsets = .utc
    ) -> KernelPlan {
        KernelPlan(
            instruments: (0..<instruments).map { index in
                Instrument(
                    id: InstrumentID(index), symbol: "S\(index)", market: "KR", currency: "KRW",
                    ladder: .fixed(.zero), lot: Quantity(units: 1), timeZone: "UTC")
            }, zones: zones ?? Array(repeating: .utc, count: instruments),
            accounts: (0..<accounts).map {
                AccountPlan(
                    name: "a\($0)", currency: "KRW",
                    cash: Money(units: cash * Money.scale), zone: home)
            }, sources: [SourcePlan(name: "s", kind: .builtIn)], attachments: [],
            arbiter: ArbiterPlan(policy: .confidenceWeighted), risk: RiskLimits())
    }

    static func tick(_ instrument: Int, _ price: Int64, hour: Int64) -> MarketInput {
        .tick(
            Tick(
                instrument: InstrumentID(instrument), feedTime: time(hour: hour),
                price: Price(units: price * fixedPointScale),
                quantity: Quantity(units: fixedPointScale)))
    }

    static func time(hour: Int64) -> Timestamp {
        // Half past: midnight is of the day before.
        Timestamp(nanoseconds: hour * 3_600_000_000_000 + 1_800_000_000_000)
    }

    static func fill(
        _ side: Side, _ quantity: Int64, at price: Int64, fee: Int128 = 0, tax: Int128? = nil,
        account: Int = 0,
        instrument: Int = 0, hour: Int64, after: Int64, reference: Int64? = nil
    ) -> BookedFill {
        let order = Order(
            number: OrderNumber(1), account: AccountID(account),
            instrument: InstrumentID(instrument), side: side,
            quantity: Quantity(units: quantity * fixedPointScale), limit: nil)
        return BookedFill(
            step: UInt64(hour),
            fill: Fill(
                order: OrderNumber(1), id: 1, price: Price(units: price * fixedPointScale),
                quantity: Quantity(units: quantity * fixedPointScale),
                fee: Money(units: fee * Money.scale), time: time(hour: hour),
                tax: tax.map { Money.whole($0) }),
            booking: Booking(
                realised: .zero, positionAfter: Quantity(units: after * fixedPointScale),
                costAfter: .zero, cashAfter: .zero),
            order: order, source: SourceID(0),
            reference: Price(units: (reference ?? price) * fixedPointScale))
    }
}

extension Money {
    static func whole(_ amount: Int128) -> Money { Money(units: amount * scale) }
}
