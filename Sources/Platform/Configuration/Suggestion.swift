/// The candidate that is most like `word`, if one is like it at all.
///
/// Like: at most a third of the letters have to be changed, added, dropped or swapped with a
/// neighbour.
package func nearest<Candidates: Sequence<String>>(to word: String, in candidates: Candidates)
    -> String?
{
    let limit = max(1, word.count / 3)
    var best: (distance: Int, candidate: String)?
    for candidate in candidates where abs(candidate.count - word.count) <= limit {
        let distance = editDistance(word.lowercased(), candidate.lowercased())
        guard distance <= limit, distance < word.count else { continue }
        if distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.candidate
}

/// Damerau-Levenshtein with adjacent swaps. O(n m); words longer than 64 are cut.
func editDistance(_ a: String, _ b: String) -> Int {
    let a = Array(a.prefix(64))
    let b = Array(b.prefix(64))
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        for j in 0..<b.count {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
