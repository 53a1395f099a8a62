import TestKit
import Testing
import TradingModel

/// What holds for every price, against 128-bit arithmetic as the judge.
@Suite struct FixedPointPropertyTests {
    @Test func textComesBackAsTheSameValue() {
        var random = SeededRandom(1)
        for _ in 0..<trials(20_000) {
            let price = Price(units: random.anyInt64())
            let text = price.description
            #expect(Price(text) == price, "\(price.units) is written \(text)")
            #expect(Price("+" + text) == (text.hasPrefix("-") ? nil : price))
            #expect(!text.contains("e") && !text.hasSuffix(".") && text != "-0")
        }
    }

    @Test func textIsTheShortest() {
        var random = SeededRandom(2)
        for _ in 0..<trials(5_000) {
            let text = Quantity(units: random.anyInt64()).description
            if text.contains(".") { #expect(text.last != "0") }
            let digits = text.drop { $0 == "-" }
            #expect(digits.first != "0" || digits == "0" || digits.dropFirst().first == ".")
        }
    }

    @Test func sumsAndDifferencesAreExactOrThrow() {
        var random = SeededRandom(3)
        var thrown = 0
        for _ in 0..<trials(20_000) {
            let (a, b) = (Quantity(units: random.anyInt64()), Quantity(units: random.anyInt64()))
            let sum = Int128(a.units) + Int128(b.units)
            let difference = Int128(a.units) - Int128(b.units)
            #expect((try? a.adding(b))?.units == Int64(exactly: sum))
            #expect((try? a.subtracting(b))?.units == Int64(exactly: difference))
            if Int64(exactly: sum) == nil { thrown += 1 }
        }
        #expect(thrown > 0, "no sum left the range: the ends were not tried")
    }

    @Test func roundingFindsTheNearestMultipleOnItsSide() {
        var random = SeededRandom(4)
        for _ in 0..<trials(20_000) {
            let price = Price(units: random.anyInt64())
            let step = Price(units: max(1, random.anyInt64()))
            let down = price.roundedDown(toMultipleOf: step)
            let up = price.roundedUp(toMultipleOf: step)
            let floor = floorDivide(price.units, step.units)
            let wanted = Int128(floor) * Int128(step.units)
            let wantedUp = wanted == Int128(price.units) ? wanted : wanted + Int128(step.units)
            if let exact = Int64(exactly: wanted) {
                #expect(down.units == exact, "\(price.units) down to \(step.units)")
            } else {
                #expect(down.units % step.units == 0 && down >= price, "saturated at the end")
            }
            if Int64(exactly: wanted) != nil, let exact = Int64(exactly: wantedUp) {
                #expect(up.units == exact, "\(price.units) up to \(step.units)")
            }
        }
    }

    @Test func wholeNumbersEndWhereTheRangeEnds() {
        #expect(Price(whole: 92_233_720_368)?.description == "92233720368")
        #expect(Price(whole: 92_233_720_369) == nil)
        #expect(Price(whole: -92_233_720_368)?.units == -92_233_720_368 * fixedPointScale)
        #expect(Price(whole: -92_233_720_369) == nil)
    }

    @Test func floorDivisionIsTheQuotientBelow() {
        var random = SeededRandom(5)
        for _ in 0..<trials(20_000) {
            let value = random.anyInt64()
            let divisor = max(1, random.anyInt64())
            let quotient = Int128(floorDivide(value, divisor))
            #expect(quotient * Int128(divisor) <= Int128(value))
            #expect((quotient + 1) * Int128(divisor) > Int128(value))
        }
    }

    /// Any bytes are read or refused, never trapped on; what is read means what it says.
    @Test func anyTextIsReadOrRefused() {
        var random = SeededRandom(6)
        let alphabet = Array("0000111222333456789..--++ eE_,x٣".unicodeScalars)
        var accepted = 0
        for _ in 0..<trials(50_000) {
            var text = ""
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                text.unicodeScalars.append(alphabet.randomElement(using: &random) ?? "0")
            }
            guard let price = Price(text) else { continue }
            accepted += 1
            #expect(Price(price.description) == price)
            #expect(!text.contains { !"0123456789.+-".contains($0) }, "accepted '\(text)'")
        }
        #expect(accepted > 100)
    }
}
