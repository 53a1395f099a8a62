import Indicators

/// A function of the language: an indicator of the table, or one of its outputs.
///
/// What is exact in the table is exact here: it becomes a term of its own.
struct RuleFunction {
    let name: String
    let kind: IndicatorKind
    let output: Int

    /// All that the table gives, under the names of the language: `macd`, `macd_signal`,
    /// `bollinger_upper` …; `change` stands for `roc` too, and is read by the parser.
    static let all: [RuleFunction] = IndicatorKind.all.flatMap { kind in
        kind.outputs.enumerated().map { index, output in
            let isItself = output.isEmpty || (kind.name == "macd" && output == "line")
            return RuleFunction(
                name: isItself ? kind.name : "\(kind.name)_\(output)", kind: kind, output: index)
        }
    }

    static func named(_ name: String) -> RuleFunction? { all.first { $0.name == name } }

    /// Whether it may stand without parentheses: every parameter has a usual value.
    var mayStandAlone: Bool {
        kind.parameters.allSatisfy { $0.defaultValue != nil }
    }

    /// - Parameter values: In millionths, checked.
    func form(_ values: [Int64]) -> LinearForm {
        let length = values.first.map { Int($0 / 1_000_000) } ?? 0
        switch (kind.name, output) {
        case ("sma", _), ("bollinger", 1): return LinearForm(.sma(length))
        case ("ema", _): return LinearForm(.ema(length))
        case ("wma", _): return LinearForm(.wma(length))
        case ("rsi", _): return LinearForm(.rsi(length))
        case ("volume_average", _): return LinearForm(.volumeSMA(length))
        case ("highest", _), ("donchian", 0): return LinearForm(.highest(length))
        case ("lowest", _), ("donchian", 2): return LinearForm(.lowest(length))
        case ("donchian", _):
            return LinearForm.mean(of: .highest(length), .lowest(length))
        default:
            let call = IndicatorCall(kind, values)
            return LinearForm(.indicator(call, output))
        }
    }
}

/// An indicator with its parameters.
struct IndicatorCall: Hashable, Sendable {
    /// Its place in the table.
    private let kind: Int
    private let values: [Int64]

    init(_ kind: IndicatorKind, _ values: [Int64]) {
        self.kind = IndicatorKind.all.firstIndex { $0.name == kind.name } ?? 0
        self.values = values
    }

    private var entry: IndicatorKind { IndicatorKind.all[kind] }
    /// As the table calls it.
    var name: String { entry.name }
    var readsDay: Bool { entry.name == "vwap" }
    /// The index of the first value.
    var firstIndex: Int { entry.firstIndex(values) }
    func make() -> any Indicator { entry.make(values) }

    var unit: Unit {
        switch entry.unit {
        case .price: .price
        case .volume: .volume
        case .index: .index
        case .percent: .ratio
        }
    }
}
