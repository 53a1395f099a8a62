/// What is wrong with one row: the policy decides whether the reading stops.
struct RowProblem: Error {
    enum Kind { case bad, untraded }
    let kind: Kind
    let what: String
    /// The column's name, or empty.
    let column: String
    let advice: String
    /// Where it is not the row just read.
    var line: Int?

    init(_ what: String, column: String = "", advice: String = "", kind: Kind = .bad) {
        self.what = what
        self.column = column
        self.advice = advice
        self.kind = kind
    }
}
