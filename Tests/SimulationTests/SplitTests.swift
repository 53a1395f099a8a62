import Simulation
import Testing
import TradingModel

/// Shares are split while they are held, by more ratios than one.
@Suite struct SplitTests {
    struct Ratio: Sendable {
        let seed: UInt64
        let new, old: Int64
        /// Told before its first price: exits would take that for the market's.
        let isToldFirst: Bool
    }

    @Test(arguments: [
        Ratio(seed: 29, new: 2, old: 1, isToldFirst: false),
        Ratio(seed: 151, new: 3, old: 2, isToldFirst: false),
        Ratio(seed: 207, new: 5, old: 4, isToldFirst: true),
        Ratio(seed: 59, new: 1, old: 10, isToldFirst: true),
    ])
    func whatIsHeldIsSplitAndNothingFires(_ ratio: Ratio) throws {
        let outcome = Simulation.run(Simulation.Case(seed: ratio.seed))
        #expect(outcome.violations == [])
        var instruments: [OrderNumber: InstrumentID] = [:]
        var held: [InstrumentID: Quantity] = [:]
        var (splits, told, early): (Int, Int, Int) = (0, 0, 0)
        var untold: InstrumentID?
        for entry in outcome.history.entries {
            switch entry.what {
            case .approved(let approval, _):
                instruments[approval.order.number] = approval.order.instrument
            case .booked(let booked, _):
                let instrument = try #require(instruments[booked.fill.order])
                held[instrument] = booked.positionAfter
            case .split(let instrument, ratio.new, ratio.old)
            where held[instrument, default: .zero].isPositive:
                splits += 1
                untold = instrument
            case .rescaled(let instrument, ratio.new, ratio.old, _) where instrument == untold:
                told += 1
                untold = nil
            case .saw(let instrument, _) where instrument == untold: early += 1
            default: break
            }
        }
        #expect(splits > 0 && told == splits)
        #expect((early == 0) == ratio.isToldFirst, "\(early) prices before the word of it")
    }
}
