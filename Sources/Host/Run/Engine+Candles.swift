import Kernel
import PaperExchange
import TradingModel

/// A candle of a feed on the paper exchange: what waited for it fills, then exits are sold inside of it.
extension Engine {
    /// Exits come before strategies hear of the candle: for them it has closed.
    mutating func pass(_ candle: Candle, at position: EventPosition, entry: Timestamp) {
        var visit = exchange.visit(candle)
        fill(&visit)
        guard var walk = kernel.walk(candle, into: &effects) else { return }
        var left = mostTurns
        while let price = kernel.next(&walk) {
            // Behind a sale that stood in a stop's way the stop is asked again, at the same price.
            repeat {
                guard left > 0 else { return noteUnrest() }
                left -= 1
                cancelOrders()
                let known = kernel.newestOrder
                kernel.meet(&walk, at: position, now: entry, into: &effects)
                sell(behind: known, at: price, &visit)
            } while !effects.cancels.isEmpty
        }
    }

    /// Sends what guards have just ordered, and fills it where the candle stands.
    private mutating func sell(
        behind known: OrderNumber, at price: Price, _ visit: inout PaperExchange.Visit
    ) {
        guard kernel.newestOrder > known else { return }
        let orders = effects.orders.filter { $0.number > known }
        effects.orders.removeAll { $0.number > known }
        for order in orders {
            if let reason = exchange.place(order) {
                kernel.handle(.rejected(order.number, reason: reason), into: &effects)
                continue
            }
            kernel.accept(order.number, as: BrokerOrderID(paper: order.number), into: &effects)
            let outcome = exchange.sell(
                order.number, of: order.instrument, at: price, slips: kernel.isStop(order),
                in: &visit)
            if let fill = outcome.fill { kernel.handle(fill, into: &effects) }
        }
    }
}
