import Kernel
import TradingModel

/// What people say of trading in an instrument: that it does not trade, and between which prices it does today.
extension World {
    /// In some seeds: what is said so keeps orders from coming about.
    mutating func haltsAct() {
        guard scenario.talksOfTrading, !isCalm else { return }
        let (halts, limits) = (haltTalk.oneIn(5), haltTalk.oneIn(5))
        let which = InstrumentID(Int(haltTalk.number(0...Int64(scenario.instruments.count - 1))))
        let width = haltTalk.number(10...80)
        if kernel.isHalted(which) ? haltTalk.oneIn(2) : halts {
            begin()
            kernel.halt(which, !kernel.isHalted(which), into: &effects)
            finish()
        }
        guard isUp, limits else { return }
        begin()
        kernel.limitDay(of: which, to: dayLimits(of: which, width), into: &effects)
        finish()
    }

    /// Around the last price, or none where some are known.
    private func dayLimits(of instrument: InstrumentID, _ width: Int64) -> DayLimits? {
        guard kernel.dayLimits(of: instrument) == nil,
            let last = kernel.lastPrice(of: instrument),
            let day = kernel.marketDay(of: instrument)
        else { return nil }
        let away = last.units / 10_000 * width
        return DayLimits(
            lower: Price(units: last.units - away), upper: Price(units: last.units + away), day: day
        )
    }
}
