import Foundation
import Testing
import TradingModel

/// Rows of `madang ledger export --json` whose taxes are what a rate makes of their values.
struct TaxedRows {
    private(set) var sum = Money.zero
    private(set) var buys = 0
    private(set) var sales = 0

    /// - Parameters:
    ///   - basisPoints: Of a sale's value, whole.
    ///   - fee: Of every fill's value, whole: what a row's fee has besides.
    init(_ rows: [[String: Any]], basisPoints: Int128, fee: Int128) throws {
        for row in rows {
            func text(_ name: String) -> String { row[name] as? String ?? "" }
            let price = try #require(Price(text("price")))
            let quantity = try #require(Quantity(text("quantity")))
            let told = try #require(Money(text("tax")), "\(row)")
            let paid = try #require(Money(text("fee")))
            let value = Money(price, times: quantity)
            let isSale = text("side") == "sell"
            let tax = isSale ? value.units * basisPoints / 10_000 : 0
            #expect(told.units == tax, "\(row)")
            #expect(paid.units == tax + value.units * fee / 10_000, "\(row)")
            sum += Money(units: tax)
            if isSale { sales += 1 } else { buys += 1 }
        }
    }
}
