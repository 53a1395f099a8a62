import StrategyWire
import Testing
import TradingModel

@Suite struct ResultMappingTests {
    private func mapped(_ fill: (inout PBResult) -> Void) throws -> StrategyResult {
        var wire = PBResult(position: 1, action: .buy, confidence: 1_000_000)
        fill(&wire)
        return try StrategyResult(wire, textBytes: 10)
    }

    @Test func theLeastResultBuysWhatTheAttachmentSays() throws {
        #expect(try mapped { _ in } == StrategyResult(.buy))
    }

    @Test func everyFieldIsTakenOver() throws {
        let result = try mapped {
            $0.action = .sell
            $0.size = .quantity(150_000_000)
            $0.limitPrice = 70_100
            $0.confidence = 750_000
            $0.validForNs = 60_000_000_000
            $0.message = "down"
            $0.reasons = ["rsi>70", "b"]
            $0.tags = ["z": "1", "a": "2=3"]
        }
        let confidence = try #require(Confidence(millionths: 750_000))
        #expect(
            result
                == StrategyResult(
                    .sell, size: .quantity(Quantity(units: 150_000_000)),
                    limit: Price(units: 70_100), confidence: confidence,
                    validity: .duration(.seconds(60)), message: "down", reasons: ["rsi>70", "b"],
                    tags: ["a=2=3", "z=1"]))
    }

    @Test func edgesAreTaken() throws {
        for weight in [-10_000_000, 0, 10_000_000] as [Int64] {
            let size = try mapped { $0.size = .targetWeight(weight) }.size
            #expect(size == .targetWeight(millionths: weight))
        }
        for fraction in [1, 1_000_000] as [UInt64] {
            let size = try mapped {
                $0.action = .sell
                $0.size = .fraction(fraction)
            }.size
            #expect(size == .fraction(millionths: Int64(fraction)))
        }
        #expect(try mapped { $0.confidence = 0 }.confidence == Confidence(millionths: 0))
        #expect(try mapped { $0.message = "1234567890" }.message.count == 10)
        #expect(try mapped { $0.tags = tags(16) }.tags.count == 16)
    }

    struct Breach: CustomTestStringConvertible, Sendable {
        let error: ResultError
        let wire: PBResult
        var testDescription: String { error.description }
        init(_ field: String, _ rule: ResultError.Rule, _ fill: (inout PBResult) -> Void) {
            var wire = PBResult(position: 1, action: .buy)
            fill(&wire)
            (error, self.wire) = (ResultError(field, rule), wire)
        }
    }

    @Test(arguments: [
        Breach("action", .isMissing) { $0.action = .unspecified },
        Breach("action", .isUnknown(4)) { $0.action = .unrecognized(4) },
        Breach("quantity", .isNotPositive(0)) { $0.size = .quantity(0) },
        Breach("quantity", .isNotPositive(-1)) { $0.size = .quantity(-1) },
        Breach("target_weight", .isOutside(10_000_001, -10_000_000...10_000_000)) {
            $0.size = .targetWeight(10_000_001)
        },
        Breach("target_weight", .isOutside(.min, -10_000_000...10_000_000)) {
            $0.size = .targetWeight(.min)
        },
        Breach("fraction", .isOutside(0, 1...1_000_000)) { $0.size = .fraction(0) },
        Breach("fraction", .isOutside(.max, 1...1_000_000)) { $0.size = .fraction(.max) },
        Breach("fraction", .isForSalesOnly) { $0.size = .fraction(1) },
        Breach("limit_price", .isNotPositive(0)) { $0.limitPrice = 0 },
        Breach("limit_price", .isNotPositive(.min)) { $0.limitPrice = .min },
        Breach("confidence", .isOutside(1_000_001, 0...1_000_000)) { $0.confidence = 1_000_001 },
        Breach("valid_for_ns", .isNotPositive(0)) { $0.validForNs = 0 },
        Breach("valid_for_ns", .isNotPositive(-5)) { $0.validForNs = -5 },
        Breach("message", .isTooLong(bytes: 12, limit: 10)) { $0.message = "마당마당" },
        Breach("reasons", .isTooLong(bytes: 11, limit: 10)) { $0.reasons = ["a", "12345678901"] },
        Breach("tags", .isTooLong(bytes: 11, limit: 10)) { $0.tags = ["12345678901": ""] },
        Breach("tags", .isTooLong(bytes: 11, limit: 10)) { $0.tags = ["a": "12345678901"] },
        Breach("tags", .hasTooMany(17, limit: 16)) { $0.tags = tags(17) },
        Breach("reasons", .hasTooMany(65, limit: 64)) {
            $0.reasons = Array(repeating: "up", count: 65)
        },
    ])
    func aBreachIsNamed(_ breach: Breach) {
        #expect(throws: breach.error) { try StrategyResult(breach.wire, textBytes: 10) }
    }

    @Test func aBreachIsSaidInWords() {
        let error = ResultError("target_weight", .isOutside(20, 0...10))
        #expect(error.description == "target_weight is 20; it must be 0 to 10")
    }

    @Test(arguments: [
        StrategyResult(.buy),
        StrategyResult(
            .sell, size: .fraction(millionths: 500_000), limit: Price(units: 5),
            validity: .duration(.seconds(1)), message: "m", reasons: ["r"], tags: ["a=1", "b=2=3"]),
        StrategyResult(.alert, size: .targetWeight(millionths: -1)),
        StrategyResult(.buy, size: .quantity(Quantity(units: 7))),
    ])
    func survivesTheWire(_ result: StrategyResult) throws {
        let wire = PBResult(result, position: EventPosition(9), instrument: 3, index: 1)
        let back = try PBResult(decoding: wire.encoded())
        #expect(back.position == 9 && back.instrument == 3 && back.index == 1)
        #expect(try StrategyResult(back, textBytes: 10) == result)
    }
}

private func tags(_ count: Int) -> WireMap<String, String> {
    var tags: WireMap<String, String> = [:]
    for index in 0..<count { tags["t\(index)"] = "" }
    return tags
}
