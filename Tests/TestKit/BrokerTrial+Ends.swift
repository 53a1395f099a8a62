import Ports
import TradingModel

extension BrokerTrial {
    /// The market closes: what is open ends unfilled, wholly or in part. That is an end of its own, and nothing fills behind it.
    func unfilledEnd() async {
        guard let endDay = bench.endDay else { return }
        await trade(0)
        let whole = await place(.buy, lots: 10, at: -50)
        guard let part = await partlyFilled() else {
            return expect(
                .fillsAddUp, false, "nothing came in parts: the bench does not do its part")
        }
        let sale = await place(.sell, lots: 1, at: 60)
        let gone = await place(.buy, lots: 1, at: -50)
        _ = await cancel(.client(client(of: gone)))
        await endDay()
        await listen()
        for order in [whole, part, sale] {
            expect(
                .endsUnfilled, state(order) == .expired,
                "order \(order.number), open at the close, is \(state(order).map { "\($0)" } ?? "unknown")"
            )
        }
        expect(.endsUnfilled, state(gone) == .cancelled, "what was over before ends again")
        await compare()
        for order in [whole, part, sale] {
            expectNothing(
                await cancel(.client(client(of: order))), "the cancel of an expired order")
        }
        await trade(-60)
        await trade(70)
        await listen()
        await compare()
        await expectSame(whole, "once it is expired")
        await endDay()
        await listen()
        let next = await place(.buy, lots: 2, at: -5)
        await fill(next, at: -5)
        await compare()
    }

    /// A buy that has a part of what it wants, and waits for the rest.
    private func partlyFilled() async -> Order? {
        for lots in 90..<110 as Range<Int64> {
            let order = await place(.buy, lots: lots, at: 0)
            await trade(0)
            await listen()
            if let known = books.orders[order.number], known.filled > 0, known.isOpen {
                return order
            }
            _ = await cancel(.client(client(of: order)))
            await listen()
        }
        return nil
    }
}
