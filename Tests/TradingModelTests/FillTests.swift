import Testing
import TradingModel

@Suite struct FillTests {
    private static func fill(_ fee: Int128, tax: Int128?) -> Fill {
        Fill(
            order: OrderNumber(1), id: 1, price: Price(units: 1), quantity: Quantity(units: 1),
            fee: Money(units: fee), time: .zero, tax: tax.map { Money(units: $0) })
    }

    @Test(
        arguments: [
            (5, nil, true), (-5, nil, true), (5, 0, true), (5, 5, true), (5, 6, false),
            (5, -1, false), (-5, 0, false), (-5, -5, false), (.max, .max, true),
            (.max, .min, false),
        ] as [(Int128, Int128?, Bool)])
    func taxIsAPartOfTheFee(_ fee: Int128, _ tax: Int128?, _ isPart: Bool) {
        #expect(Self.fill(fee, tax: tax).isTaxOfFee == isPart)
    }

    @Test func anotherWordOfTheTaxChangesNothingElse() {
        let told = Self.fill(5, tax: 3)
        #expect(told != Self.fill(5, tax: nil) && told != Self.fill(5, tax: 0))
        #expect(told.taxed(nil) == Self.fill(5, tax: nil))
        #expect(told.taxed(Money(units: 4)) == Self.fill(5, tax: 4))
    }
}
