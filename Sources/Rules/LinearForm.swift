/// What a value in a rule measures. Only like is compared with like.
enum Unit: Hashable {
    case number, price, volume, index, ratio

    /// With its article, for messages.
    var name: String {
        switch self {
        case .number: "a number"
        case .price: "a price"
        case .volume: "a volume"
        case .index: "an index"
        case .ratio: "a ratio"
        }
    }
}

/// Something a rule can look at in an event.
enum Term: Hashable {
    case open, high, low, close, volume
    case sma(Int), volumeSMA(Int), ema(Int), wma(Int), rsi(Int), change(PastSpan)
    /// Of the highs or lows of the last events, this one included.
    case highest(Int), lowest(Int)
    /// The same of the events before this one.
    case resistance(Int), support(Int)
    /// An output of any other indicator.
    case indicator(IndicatorCall, Int)

    var unit: Unit {
        switch self {
        case .open, .high, .low, .close, .sma, .ema, .wma: .price
        case .highest, .lowest, .resistance, .support: .price
        case .indicator(let call, _): call.unit
        case .volume, .volumeSMA: .volume
        case .rsi: .index
        case .change: .ratio
        }
    }

    var isChange: Bool { if case .change = self { true } else { false } }

    /// Whether it is an integer, or one over the window's length.
    var isExact: Bool {
        switch self {
        case .ema, .rsi, .change, .indicator: false
        default: true
        }
    }
}

/// A value of a rule: constant + Σ coefficient x term. Rules multiply by numbers only, so there is
/// nothing else.
struct LinearForm: Hashable {
    struct Part: Hashable {
        let term: Term
        var coefficient: Fraction
    }
    /// In order of appearance; no coefficient is zero.
    private(set) var parts: [Part] = []
    private(set) var constant: Fraction
    private(set) var unit: Unit

    init(_ term: Term) {
        parts = [Part(term: term, coefficient: .one)]
        constant = .zero
        unit = term.unit
    }

    init(_ constant: Fraction, _ unit: Unit) {
        self.constant = constant
        self.unit = unit
    }

    /// (a + b) / 2, exact.
    static func mean(of a: Term, _ b: Term) -> LinearForm {
        var form = LinearForm(a)
        let half = Fraction(1, 2) ?? .one
        form.parts = [Part(term: a, coefficient: half), Part(term: b, coefficient: half)]
        return form
    }

    var isConstant: Bool { parts.isEmpty }

    var negated: LinearForm {
        var form = self
        form.constant = constant.negated
        for index in parts.indices {
            form.parts[index].coefficient = parts[index].coefficient.negated
        }
        return form
    }

    /// The units must agree: see ``common(_:_:)``.
    ///
    /// - Returns: `nil` when a coefficient gets too large.
    func adding(_ other: LinearForm) -> LinearForm? {
        guard let sum = constant.adding(other.constant) else { return nil }
        var form = self
        form.constant = sum
        form.unit = unit == .number ? other.unit : unit
        for part in other.parts {
            if let index = form.parts.firstIndex(where: { $0.term == part.term }) {
                guard let sum = form.parts[index].coefficient.adding(part.coefficient) else {
                    return nil
                }
                form.parts[index].coefficient = sum
            } else {
                form.parts.append(part)
            }
        }
        form.parts.removeAll { $0.coefficient.isZero }
        return form
    }

    /// - Returns: `nil` when a coefficient gets too large.
    func scaled(by factor: Fraction, unit: Unit) -> LinearForm? {
        guard let product = constant.multiplied(by: factor) else { return nil }
        var form = self
        form.constant = product
        form.unit = unit
        for index in parts.indices {
            guard let scaled = parts[index].coefficient.multiplied(by: factor) else { return nil }
            form.parts[index].coefficient = scaled
        }
        form.parts.removeAll { $0.coefficient.isZero }
        return form
    }

    /// The unit in which both can be added or compared: a number takes the other's, but never a
    /// ratio's.
    static func common(_ a: LinearForm, _ b: LinearForm) -> Unit? {
        if a.unit == b.unit { return a.unit }
        if a.unit == .number, b.unit != .ratio { return b.unit }
        if b.unit == .number, a.unit != .ratio { return a.unit }
        return nil
    }
}
