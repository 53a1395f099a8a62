import Ports
import TradingModel

extension BrokerTrial {
    /// Refused at once by a code, or taken and then reported rejected; never a trace in orders, fills or money.
    private func expectRefused(
        _ order: Order, _ rule: BrokerViolation.Rule, _ codes: Set<BrokerError.Code>, _ what: String
    ) async {
        switch await send(order) {
        case .failure(let error):
            expect(rule, codes.contains(error.code), "\(what) says \(error)")
        case .success:
            await listen()
            expect(rule, state(order) == .rejected, "\(what) was taken")
            // Else every comparison from here on would say the same again.
            if state(order) == .working { _ = await cancel(.client(client(of: order))) }
        }
        await listen()
    }

    func badOrders() async {
        await trade(0)
        let refusals: Set<BrokerError.Code> = [.rejected, .priceRule, .notTradable]
        func refused(_ order: Order, _ what: String) async {
            await expectRefused(order, .refusesBadOrders, refusals, what)
        }
        for units in [0, -lot, .min] as [Int64] {
            await refused(
                make(.buy, Quantity(units: units), limit: price(0)), "a quantity of \(units) units")
        }
        if lot > 1 {
            for units in [lot - 1, lot + 1, lot / 2] {
                await refused(
                    make(.buy, Quantity(units: units), limit: price(0)),
                    "\(units) units, off the lot")
            }
        }
        let quantity = Quantity(units: lot)
        let step = bench.instruments[0].ladder.step(at: bench.price).units
        if step > 1 {
            for units in [1, step / 2, step - 1] {
                let off = Price(units: bench.price.units - step + units)
                await expectRefused(
                    make(.buy, quantity, limit: off), .refusesBadOrders, [.priceRule],
                    "a limit of \(off), off the steps")
            }
        }
        for units in [0, -max(1, step), .min] as [Int64] {
            await refused(
                make(.buy, quantity, limit: Price(units: units)), "a limit of \(units) units")
        }
        await expectRefused(
            make(.buy, quantity, limit: price(0), of: 1_000_000), .refusesBadOrders, [.notTradable],
            "an instrument that does not exist")
        await refused(
            make(.buy, quantity, limit: price(0), account: AccountID(77)), "somebody else's account"
        )
        await compare()
        let sound = await place(.buy, lots: 1)
        await fill(sound, at: 0)
        await compare()
    }

    func funds() async {
        guard broker.capabilities.checksFunds else { return }
        await trade(0)
        func short(_ order: Order, _ what: String) async {
            await expectRefused(order, .refusesBeyondFunds, [.insufficient], what)
        }
        await short(order(.buy, lots: 100_000, at: 0), "a buy beyond the cash")
        await short(order(.buy, lots: 100_000), "a market buy beyond the cash")
        await short(order(.sell, lots: 1, at: 0), "a sale of nothing held")
        await compare()

        // Cash held by one order is not there for the next, and comes back with its end.
        let lots = Int64(clamping: bench.cash.units / (Int128(price(0).units) * Int128(lot)))
        let most = lots * 9 / 10
        let first = await place(.buy, lots: most, at: 0)
        await short(order(.buy, lots: most, at: 0), "a buy with cash that another order holds")
        _ = await cancel(.client(client(of: first)))
        await listen()
        let second = await place(.buy, lots: most, at: 0)
        await fill(second, at: 0)
        await short(order(.buy, lots: most, at: 0), "a buy with cash that is spent")
        await compare()

        let sale = await place(.sell, lots: most, at: 10)
        await short(order(.sell, lots: 1, at: 10), "a sale of what is being sold")
        _ = await cancel(.client(client(of: sale)))
        await listen()
        await short(order(.sell, lots: most + 1, at: 10), "a sale of more than is held")
        let rest = await place(.sell, lots: most)
        await fill(rest, at: 0)
        await compare()
    }

    /// The kill number and the validity are asked immediately before the write.
    func withdrawal() async {
        await trade(0)
        let held = await place(.buy, lots: 5)
        await fill(held, at: 0)
        let old = permit
        let sells = SendPermit(opens: false, kills: [kills.reading()])
        kills.raise()
        await expectWithdrawn(old, .killed, "an opening order approved before a kill")
        let late = SendPermit(
            opens: false, validUntil: bench.clock.monotonic() + 1_000, kills: [kills.reading()])
        bench.clock.advance(by: 1_000)
        await expectWithdrawn(late, .late, "an order past its validity")

        let exit = order(.sell, lots: 5)
        if case .failure(let error) = await send(exit, permit: sells) {
            expect(.withdrawsBeforeTheWrite, false, "a kill holds up a sale: \(error)")
        }
        await listen()
        await fill(exit, at: 0)
        _ = await place(.buy, lots: 1, at: -10)
        await compare()
    }
    private func expectWithdrawn(_ permit: SendPermit, _ why: Withdrawal, _ what: String) async {
        let order = order(.buy, lots: 1, at: -10)
        switch await send(order, permit: permit) {
        case .failure(let error):
            expect(.withdrawsBeforeTheWrite, error.code == .notSent(why), "\(what) says \(error)")
        case .success:
            expect(.withdrawsBeforeTheWrite, false, "\(what) was sent")
        }
        await listen()
        await compare()
    }
}
