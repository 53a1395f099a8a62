import Kernel
import Orders
import Ports
import TradingModel

/// The kill switch of one strategy, and everything that is sold.
extension World {
    /// Now and then somebody stops a strategy, or lets it go on; and while all is stopped, sells what is held.
    mutating func stopParts() {
        guard scenario.kills, !isCalm else { return }
        let (stops, sells) = (partTalk.oneIn(14), partTalk.oneIn(5))
        let source = SourceID(Int(partTalk.number(0...Int64(scenario.sources.count - 1))))
        let isStopped = kernel.isKilled(.source(source))
        if isStopped ? partTalk.oneIn(3) : stops { kill(!isStopped, source) }
        guard isUp else { return }
        // What two brokers hold is not sold by one order.
        let isFlattening = kernel.isFlattening(AccountID(0))
        if isFlattening {
            if !kernel.isKilled { flatten(false) }
        } else if kernel.isKilled, sells, desks.count == 1 {
            flatten(true)
        }
    }

    mutating func kill(_ on: Bool, _ source: SourceID) {
        begin()
        if on { partCounters[Int(source.index)].raise() }
        kernel.kill(
            on, .source(source), reason: on ? "by hand" : "lifted by hand", into: &effects)
        finish()
    }

    private mutating func flatten(_ on: Bool) {
        begin()
        kernel.flatten(
            AccountID(0), on, reason: on ? "by hand" : "lifted by hand", into: &effects)
        finish()
    }

    /// What the counters say at an approval.
    func readings(of order: OrderNumber) -> [KillCounter.Reading] {
        [counter.reading()]
            + (buyers[order].map { [partCounters[Int($0.index)].reading()] } ?? [])
    }
}
