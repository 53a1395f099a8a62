import TradingModel

/// An indicator as people ask for it: what it is, which parameters it takes, how to make one.
///
/// To add one: a file with the indicator, and an entry in ``all``. The command, the rule language and
/// `docs/INDICATORS.md` follow from the table.
public struct IndicatorKind: Sendable {
    /// What a value measures.
    public enum Unit: String, Sendable {
        case price, volume
        /// A plain number on a scale of its own, such as 0 to 100.
        case index
        case percent
    }
    public let name: String
    /// One line.
    public let summary: String
    public let formula: String
    /// Where the convention is from.
    public let source: String
    public let unit: Unit
    public let parameters: [IndicatorParameter]
    /// Names, in the order of the columns; one without a name is the indicator itself.
    public let outputs: [String]
    /// Whether open, high, low or volume is looked at besides the close.
    public let readsBar: Bool
    /// The index of the first value, in words of the parameters.
    public let warmUp: String
    private let first: @Sendable ([Int]) -> Int
    private let check: @Sendable ([Int]) -> String?
    private let build: @Sendable ([Int], [Double]) -> any Indicator

    /// - Parameters:
    ///   - first: The index of the first value, for whole parameters; all outputs begin together.
    ///   - check: What is wrong with parameters that are right alone; `nil` for nothing.
    ///   - build: Gets the parameters as whole numbers and as they are.
    init(
        _ name: String, _ summary: String, formula: String, source: String, unit: Unit,
        parameters: [IndicatorParameter], outputs: [String] = [""], readsBar: Bool = false,
        warmUp: String, first: @escaping @Sendable ([Int]) -> Int,
        check: @escaping @Sendable ([Int]) -> String? = { _ in nil },
        build: @escaping @Sendable ([Int], [Double]) -> any Indicator
    ) {
        self.name = name
        self.summary = summary
        self.formula = formula
        self.source = source
        self.unit = unit
        self.parameters = parameters
        self.outputs = outputs
        self.readsBar = readsBar
        self.warmUp = warmUp
        self.first = first
        self.check = check
        self.build = build
    }

    private func whole(_ values: [Int64]) -> [Int] {
        values.map { Int($0 / IndicatorParameter.one) }
    }

    /// The index of the first value.
    public func firstIndex(_ values: [Int64]) -> Int { first(whole(values)) }

    /// What is wrong with parameters that are right alone; `nil` for nothing.
    public func problem(_ values: [Int64]) -> String? { check(whole(values)) }

    /// - Parameter values: In millionths, each in its range, without a problem.
    public func make(_ values: [Int64]) -> any Indicator {
        build(whole(values), values.map { Double($0) / Double(IndicatorParameter.one) })
    }

    /// - Throws: ``IndicatorError`` `unknownIndicator`, with the nearest name.
    public static func named(_ name: String) throws(IndicatorError) -> IndicatorKind {
        if let kind = all.first(where: { $0.name == name }) { return kind }
        let names = all.map(\.name)
        let known = "known: \(names.joined(separator: ", "))"
        let nearest = nearestName(to: name, in: names).map { "did you mean '\($0)'?  " } ?? ""
        throw IndicatorError(
            .unknownIndicator, "there is no indicator '\(name)'", hint: nearest + known)
    }

    /// `sma:LENGTH`, `macd:FAST:SLOW:SIGNAL`: how it is asked for.
    public var usage: String {
        ([name] + parameters.map { $0.name.uppercased() }).joined(separator: ":")
    }
}
