import Platform

/// A table for a width: numbers line up, and what is least important goes first where it is narrow.
struct ScreenTable {
    struct Column {
        let name: String
        let isNumber: Bool
        /// The highest stays to the end; 0: shown only where nothing has to be made narrower for it.
        let importance: Int
        /// It is made narrower, down to this, before a more important column goes; `nil`: never.
        let narrowest: Int?
        /// It is shown although no row says anything in it, for a table that jumps cannot be read.
        let isKept: Bool

        static func text(_ name: String, _ importance: Int, narrowest: Int? = nil) -> Column {
            Column(
                name: name, isNumber: false, importance: importance, narrowest: narrowest,
                isKept: false)
        }
        static func number(_ name: String, _ importance: Int, isKept: Bool = false) -> Column {
            Column(
                name: name, isNumber: true, importance: importance, narrowest: nil, isKept: isKept)
        }
    }
    /// What stands before a row, one column wide.
    private var marks: [Screen.Span] = []
    private let columns: [Column]
    private var cells: [[Screen.Span]] = []
    private static let gap = 2
    /// Where there is room.
    private static let wideGap = 3

    init(_ columns: [Column]) { self.columns = columns }

    /// - Parameter cells: One for each column.
    mutating func add(_ cells: [Screen.Span], mark: Screen.Span = .init(" ")) {
        precondition(cells.count == columns.count, "a row has a cell for each column")
        marks.append(mark)
        self.cells.append(cells)
    }

    /// The head, then the rows.
    func rows(width: Int) -> [Screen.Row] {
        let widths = widths(in: width - 1)
        let shown = columns.indices.filter { widths[$0] > 0 }
        let used = shown.reduce(0) { $0 + widths[$1] }
        let isRoomy = used + Self.wideGap * (shown.count - 1) < width
        let gap = String(repeating: " ", count: isRoomy ? Self.wideGap : Self.gap)
        let head = columns.map { Screen.Span($0.name, .dim) }
        return zip([Screen.Span(" ")] + marks, [head] + cells).map { mark, cells in
            var row = Screen.Row([mark])
            for column in shown {
                if column != shown.first { row.append(gap) }
                let isLast = column == shown.last && !columns[column].isNumber
                row.spans.append(span(cells[column], column, widths[column], isLast: isLast))
            }
            return row.fitted(to: width)
        }
    }

    private func span(
        _ span: Screen.Span, _ column: Int, _ width: Int, isLast: Bool
    ) -> Screen.Span {
        let text = cut(span.text, to: width)
        return Screen.Span(
            isLast ? text : padded(text, to: width, alignedRight: columns[column].isNumber),
            span.styles)
    }

    /// By column; 0: left out. One in which no row says anything is left out too.
    private func widths(in room: Int) -> [Int] {
        var widths = columns.indices.map { column in
            let texts = cells.map { $0[column].text }
            let says = texts.contains { !$0.isEmpty && $0 != "-" }
            if !says, !columns[column].isKept, column > 0 { return 0 }
            return (texts + [columns[column].name]).map { displayWidth(of: $0) }.max() ?? 0
        }
        func excess() -> Int {
            let shown = widths.filter { $0 > 0 }
            return shown.reduce(0, +) + Self.gap * max(0, shown.count - 1) - room
        }
        for column in columns.indices where columns[column].importance == 0 && excess() > 0 {
            widths[column] = 0
        }
        for next in columns.indices.sorted(by: { columns[$0].importance < columns[$1].importance })
        {
            for column in columns.indices where widths[column] > 0 {
                let needed = excess()
                guard needed > 0, let narrowest = columns[column].narrowest else { continue }
                widths[column] = max(min(widths[column], narrowest), widths[column] - needed)
            }
            guard excess() > 0, widths.count(where: { $0 > 0 }) > 1 else { break }
            widths[next] = 0
        }
        return widths
    }
}
