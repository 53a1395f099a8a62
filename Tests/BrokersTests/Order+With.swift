import TradingModel

extension Order {
    func with(
        number: OrderNumber? = nil, account: AccountID? = nil, quantity: Quantity? = nil,
        limit: Price?? = .none
    ) -> Order {
        Order(
            number: number ?? self.number, account: account ?? self.account, instrument: instrument,
            side: side, quantity: quantity ?? self.quantity, limit: limit ?? self.limit)
    }
}

extension Fill {
    func with(price: Price? = nil, quantity: Quantity? = nil) -> Fill {
        Fill(
            order: order, id: id, price: price ?? self.price, quantity: quantity ?? self.quantity,
            fee: fee, time: time, tax: tax)
    }
}
