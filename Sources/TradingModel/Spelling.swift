/// The known name nearest to what was written, for "did you mean …?".
///
/// Nearest by insertions, deletions, replacements and swaps of neighbours, without regard to case; of
/// equally near names the first. Looks at no more than 64 characters.
///
/// - Returns: `nil` when nothing is near: more than a third of the longer name would have to change.
public func nearestName(to written: String, in names: [String]) -> String? {
    let word = Array(written.lowercased().unicodeScalars.prefix(64))
    var best: (name: String, distance: Int)?
    for name in names {
        let other = Array(name.lowercased().unicodeScalars.prefix(64))
        let distance = editDistance(word, other)
        guard distance <= max(1, max(word.count, other.count) / 3), distance < other.count
        else { continue }
        if distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

/// Optimal string alignment: edits that turn `a` into `b`, a swap of neighbours counting once.
private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var older: [Int] = []
    var above = Array(0...b.count)
    for row in 0..<a.count {
        var current = [row + 1]
        for column in 0..<b.count {
            let replaced = above[column] + (a[row] == b[column] ? 0 : 1)
            var distance = min(replaced, above[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] {
                distance = min(distance, older[column - 1] + 1)
            }
            current.append(distance)
        }
        older = above
        above = current
    }
    return above[b.count]
}
