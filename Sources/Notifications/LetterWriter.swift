import Ports

/// Writes the next letter to a destination: one message, a part of a long one, or a digest.
struct LetterWriter {
    private let state: DestinationState
    private let settings: Outbox.Settings
    private let now: Outbox.Moment
    private var texts: Texts { state.plan.texts }
    /// UTF-16 units.
    private var limit: Int { state.plan.limits.length }
    /// Room for ids, times and counts around a text.
    private static let decoration = 120

    init(_ state: DestinationState, _ settings: Outbox.Settings, _ now: Outbox.Moment) {
        self.state = state
        self.settings = settings
        self.now = now
    }

    func write() -> (LetterContent, Letter) {
        if let entry = state.urgent.first { return single(entry, .urgent) }
        guard let first = state.ordinary.first else { return counts() }
        // What may be known already is told apart from what is new.
        let foldable = state.ordinary.prefix { $0.isFoldable && $0.isRepeat == first.isRepeat }
        if foldable.count >= settings.foldFrom || (state.tally > 0 && !foldable.isEmpty) {
            return digest(Array(foldable))
        }
        return single(first, .ordinary)
    }

    private func single(_ entry: OutboxEntry, _ kind: LetterContent.Kind)
        -> (LetterContent, Letter)
    {
        let parts = splitText(entry.text, limit: limit - Self.decoration)
        let part = min(entry.partsDone, parts.count - 1)
        var text = parts[part]
        var marks: [String] = []
        if parts.count > 1 { marks.append("(\(part + 1)/\(parts.count))") }
        if now.utc - entry.utc > settings.lateAfter, !entry.message.clock.isEmpty {
            marks.append("(\(clock(of: entry)))")
        }
        if entry.message.severity.isUrgent || entry.isRepeat {
            marks.append(entry.message.id.short)
        }
        if entry.isRepeat { marks.append(texts.mayBeRepeated) }
        if !marks.isEmpty {
            let end = text.firstIndex { $0.isNewline } ?? text.endIndex
            text.insert(contentsOf: " " + marks.joined(separator: " "), at: end)
        }
        let content = LetterContent(kind: kind, count: 1, part: part, parts: parts.count)
        return (content, letter(entry.message.severity, text, isPlain: entry.isPlain))
    }

    /// The time of day; the day before it where a reader would take it for today's.
    private func clock(of entry: OutboxEntry) -> String {
        let clock = entry.message.clock
        let isOld = now.utc - entry.utc > settings.dayAfter
        return isOld ? clock : clock.split(separator: " ").last.map(String.init) ?? ""
    }

    private func digest(_ entries: [OutboxEntry]) -> (LetterContent, Letter) {
        let (lines, count) = named(of: entries)
        let told = entries.prefix(count)
        let tally = count == state.ordinary.count ? state.tally : 0
        let span = (told.last?.utc ?? 0) - (told.first?.utc ?? 0)
        let topics = Set(told.map(\.message.topic))
        let isRepeat = told.first?.isRepeat ?? false
        var text = texts.digestHead(
            count: count + tally, topic: topics.count == 1 && tally == 0 ? topics.first : nil,
            // Nobody knows any more when those began of which only the count is left.
            span: tally == 0 ? span : nil, mark: isRepeat ? " " + texts.mayBeRepeated : "")
        text += "\n" + lines.joined(separator: "\n")
        let unnamed = count - lines.count + tally
        if unnamed > 0 { text += "\n" + texts.andMore(unnamed) }
        let severity = told.map(\.message.severity).min { $0.rawValue < $1.rawValue } ?? .info
        return (
            LetterContent(kind: .digest, count: count, tally: tally),
            letter(severity, text, isPlain: told.first?.isPlain ?? false)
        )
    }

    /// Lines for a letter, and how many entries it tells of.
    ///
    /// As many of the oldest as there is room for. Where it would take too long to name the rest like that, the rest is
    /// only counted, but never a warning: those are named first then, and what is behind one without room waits.
    private func named(of entries: [OutboxEntry]) -> (lines: [String], count: Int) {
        let all = entries.map {
            texts.digestLine($0, clock: clock(of: $0), limit: min(400, room / 2))
        }
        var left = room
        func take(_ index: Int) -> Bool {
            let width = all[index].utf16.count + 1
            guard width <= left else { return false }
            left -= width
            return true
        }
        let fitting = entries.indices.prefix(while: take).count
        let letters = settings.nameWithin / max(state.pacing.gap, Self.quickest)
        if entries.count - fitting <= fitting * Int(max(1, letters)) {
            return (Array(all.prefix(fitting)), fitting)
        }
        left = room
        let warnings = entries.indices.filter { entries[$0].message.severity != .info }
        let named = warnings.prefix(while: take)
        let count = named.count < warnings.count ? warnings[named.count] : entries.count
        let others = entries.indices.prefix(count).filter { entries[$0].message.severity == .info }
            .prefix(while: take)
        return ((named + others).sorted().map { all[$0] }, count)
    }
    /// ns that a letter takes at least, where no pace is announced.
    private static let quickest: Int64 = 500_000_000
    private var room: Int { limit - Self.decoration }

    /// Counts alone.
    private func counts() -> (LetterContent, Letter) {
        (
            LetterContent(kind: .counts, count: 0, tally: state.tally),
            letter(.info, texts.onlyCounted(state.tally), isPlain: true)
        )
    }

    private func letter(_ severity: Severity, _ text: String, isPlain: Bool) -> Letter {
        Letter(severity: severity, text: text, address: state.address, isPlain: isPlain)
    }
}

/// Pieces of at most `limit` UTF-16 units, cut at line ends where there are any, else between characters.
func splitText(_ text: String, limit: Int) -> [String] {
    guard text.utf16.count > limit else { return [text] }
    var parts: [String] = []
    var rest = Substring(text)
    while !rest.isEmpty {
        let piece = headOfText(rest, limit: limit)
        var end = piece.endIndex
        if end < rest.endIndex, let line = piece.lastIndex(where: \.isNewline),
            line > rest.startIndex
        {
            end = line
        }
        parts.append(String(rest[..<end]))
        rest = rest[end...]
        if let first = rest.first, first.isNewline, end > piece.startIndex { rest.removeFirst() }
    }
    return parts
}

/// The text, or its beginning with an ellipsis.
func cutText(_ text: String, limit: Int) -> String {
    guard text.utf16.count > limit else { return text }
    return headOfText(Substring(text), limit: max(1, limit - 1)) + "…"
}

/// Whole characters within the limit; of a character that is longer than that alone, scalars.
private func headOfText(_ text: Substring, limit: Int) -> Substring {
    var count = 0
    var end = text.startIndex
    while end < text.endIndex {
        let next = text.index(after: end)
        let width = text[end..<next].utf16.count
        if count + width > limit { break }
        count += width
        end = next
    }
    guard end == text.startIndex else { return text[..<end] }
    while end < text.endIndex {
        let width = text.unicodeScalars[end].utf16.count
        if count + width > limit, end > text.startIndex { break }
        count += width
        end = text.unicodeScalars.index(after: end)
    }
    return text[..<end]
}
