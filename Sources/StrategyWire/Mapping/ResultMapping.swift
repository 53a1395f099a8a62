package import TradingModel

/// A result that breaks a rule of the contract: which field, and which rule.
package struct ResultError: Error, Hashable, CustomStringConvertible {
    package enum Rule: Hashable, Sendable {
        case isMissing
        /// A number of the enum that this revision has no name for.
        case isUnknown(Int32)
        case isNotPositive(Int64)
        case isOutside(Int64, ClosedRange<Int64>)
        case isForSalesOnly
        case isTooLong(bytes: Int, limit: Int)
        case hasTooMany(Int, limit: Int)
    }
    /// As in results.proto: `quantity`, `tags`.
    package let field: String
    package let rule: Rule

    package init(_ field: String, _ rule: Rule) {
        self.field = field
        self.rule = rule
    }

    package var description: String {
        let words =
            switch rule {
            case .isMissing: "is missing; set it to BUY, SELL or ALERT"
            case .isUnknown(let number): "is \(number), which this revision does not know"
            case .isNotPositive(let value): "is \(value); it must be positive"
            case .isOutside(let value, let range):
                "is \(value); it must be \(range.lowerBound) to \(range.upperBound)"
            case .isForSalesOnly: "is for sales only"
            case .isTooLong(let bytes, let limit): "has \(bytes) bytes; at most \(limit) are taken"
            case .hasTooMany(let count, let limit):
                "has \(count) entries; at most \(limit) are taken"
            }
        return "\(field) \(words)"
    }
}

/// What the contract says of a result's values.
package enum ResultRules {
    /// Pairs in `tags`.
    package static let tags = 16
    /// Texts in `reasons`.
    package static let reasons = 64
    /// Of the account's equity, at 10⁻⁶.
    package static let targetWeight: ClosedRange<Int64> = -10_000_000...10_000_000
    /// Of what is held, at 10⁻⁶.
    package static let fraction: ClosedRange<Int64> = 1...1_000_000
    package static let confidence: ClosedRange<Int64> = 0...1_000_000
}

extension StrategyResult {
    /// Checks what a server sent and takes it over. Position, instrument and index are the caller's
    /// to check against the session.
    ///
    /// - Parameter textBytes: Bytes in one text at most: message, a reason, a tag's key or value.
    /// - Throws: ``ResultError`` for the first field that breaks a rule.
    package init(_ wire: PBResult, textBytes: Int) throws(ResultError) {
        let action = try Action(wire.action)
        self.init(
            action, size: try Size(wire.size, of: action), limit: try wire.limit(),
            confidence: try wire.checkedConfidence(), validity: try wire.validity(),
            message: try checked(wire.message, "message", textBytes),
            reasons: try wire.checkedReasons(textBytes), tags: try wire.checkedTags(textBytes))
    }
}

extension Action {
    fileprivate init(_ wire: PBResult.Action) throws(ResultError) {
        switch wire {
        case .buy: self = .buy
        case .sell: self = .sell
        case .alert: self = .alert
        case .unspecified: throw ResultError("action", .isMissing)
        case .unrecognized(let number): throw ResultError("action", .isUnknown(number))
        }
    }
}

extension Size {
    fileprivate init(_ wire: PBResult.Size?, of action: Action) throws(ResultError) {
        switch wire {
        case nil: self = .attachment
        case .quantity(let units):
            guard units > 0 else { throw ResultError("quantity", .isNotPositive(units)) }
            self = .quantity(Quantity(units: units))
        case .targetWeight(let weight):
            let range = ResultRules.targetWeight
            guard range.contains(weight) else {
                throw ResultError("target_weight", .isOutside(weight, range))
            }
            self = .targetWeight(millionths: weight)
        case .fraction(let unsigned):
            let fraction = Int64(clamping: unsigned)
            let range = ResultRules.fraction
            guard range.contains(fraction) else {
                throw ResultError("fraction", .isOutside(fraction, range))
            }
            guard action != .buy else { throw ResultError("fraction", .isForSalesOnly) }
            self = .fraction(millionths: fraction)
        }
    }
}

extension PBResult {
    fileprivate func limit() throws(ResultError) -> Price? {
        guard let limitPrice else { return nil }
        guard limitPrice > 0 else { throw ResultError("limit_price", .isNotPositive(limitPrice)) }
        return Price(units: limitPrice)
    }

    fileprivate func checkedConfidence() throws(ResultError) -> Confidence {
        let millionths = Int64(confidence)
        guard let checked = Confidence(millionths: millionths) else {
            throw ResultError("confidence", .isOutside(millionths, ResultRules.confidence))
        }
        return checked
    }

    fileprivate func validity() throws(ResultError) -> Validity {
        guard let validForNs else { return .untilNextCandle }
        guard validForNs > 0 else {
            throw ResultError("valid_for_ns", .isNotPositive(validForNs))
        }
        return .duration(Nanoseconds(validForNs))
    }

    fileprivate func checkedReasons(_ limit: Int) throws(ResultError) -> [String] {
        guard reasons.count <= ResultRules.reasons else {
            throw ResultError("reasons", .hasTooMany(reasons.count, limit: ResultRules.reasons))
        }
        for reason in reasons { _ = try checked(reason, "reasons", limit) }
        return reasons
    }

    /// Sorted by key, as `key=value`.
    fileprivate func checkedTags(_ limit: Int) throws(ResultError) -> [String] {
        guard tags.count <= ResultRules.tags else {
            throw ResultError("tags", .hasTooMany(tags.count, limit: ResultRules.tags))
        }
        var texts: [String] = []
        for (key, value) in tags.entries {
            texts.append(try checked(key, "tags", limit) + "=" + checked(value, "tags", limit))
        }
        return texts
    }
}

private func checked(
    _ text: String, _ field: String, _ limit: Int
) throws(ResultError) -> String {
    let bytes = text.utf8.count
    guard bytes <= limit else { throw ResultError(field, .isTooLong(bytes: bytes, limit: limit)) }
    return text
}

extension PBResult {
    /// What a server sends for `result`: the other way, for servers written in Swift.
    ///
    /// A tag is cut at its first `=`.
    package init(
        _ result: StrategyResult, position: EventPosition, instrument: UInt32, index: UInt32 = 0
    ) {
        self.init(position: position.value, instrument: instrument, index: index)
        action =
            switch result.action {
            case .buy: .buy
            case .sell: .sell
            case .alert: .alert
            }
        size =
            switch result.size {
            case .attachment: nil
            case .quantity(let quantity): .quantity(quantity.units)
            case .targetWeight(let weight): .targetWeight(weight)
            case .fraction(let fraction): .fraction(UInt64(clamping: fraction))
            }
        limitPrice = result.limit?.units
        confidence = UInt32(clamping: result.confidence.millionths)
        if case .duration(let span) = result.validity { validForNs = span.count }
        message = result.message
        reasons = result.reasons
        for tag in result.tags {
            let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            tags[String(parts[0])] = parts.count > 1 ? String(parts[1]) : ""
        }
    }
}
