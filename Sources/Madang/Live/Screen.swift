import Platform

/// What a terminal shows at once: rows of styled text, none wider than the screen. A value.
struct Screen: Hashable, Sendable {
    struct Span: Hashable, Sendable {
        var text: String
        var styles: [Terminal.Style] = []
        init(_ text: String, _ styles: Terminal.Style...) { self.init(text, styles) }
        init(_ text: String, _ styles: [Terminal.Style]) {
            self.text = text
            self.styles = styles
        }
        var width: Int { displayWidth(of: text) }
    }

    /// Spans side by side.
    struct Row: Hashable, Sendable {
        var spans: [Span] = []
        init(_ spans: [Span] = []) { self.spans = spans }

        var width: Int { spans.reduce(0) { $0 + $1.width } }
        var text: String { spans.map(\.text).joined() }

        mutating func append(_ text: String, _ styles: Terminal.Style...) {
            spans.append(Span(text, styles))
        }
        mutating func append(_ row: Row) { spans += row.spans }
        /// Spaces up to a column.
        mutating func fill(to column: Int) {
            let missing = column - width
            if missing > 0 { spans.append(Span(String(repeating: " ", count: missing))) }
        }

        /// Cut where it is too wide, with an ellipsis in the last column.
        func fitted(to width: Int) -> Row {
            guard self.width > width else { return self }
            var row = Row()
            var left = width
            for span in spans {
                guard span.width >= left else {
                    row.spans.append(span)
                    left -= span.width
                    continue
                }
                row.spans.append(Span(cut(span.text, to: left, isCut: true), span.styles))
                break
            }
            return row
        }
    }

    let width: Int
    let height: Int
    private(set) var rows: [Row] = []

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    /// Rows that still fit.
    var room: Int { height - rows.count }

    /// Below the last; what does not fit is left out.
    mutating func add(_ row: Row) {
        if room > 0 { rows.append(row.fitted(to: width)) }
    }
}

/// The beginning of a text, `width` columns at most: with an ellipsis where something is missing.
///
/// - Parameter isCut: Something is missing in any case: the ellipsis is put behind it.
func cut(_ text: String, to width: Int, isCut: Bool = false) -> String {
    guard isCut || displayWidth(of: text) > width else { return text }
    guard width > 0 else { return "" }
    var kept = ""
    var used = 0
    for character in text {
        let next = displayWidth(of: String(character))
        guard used + next <= width - 1 else { break }
        kept.append(character)
        used += next
    }
    return kept + "…"
}
