import Feeds
import Ports
import Strategies
import TradingModel
import Vault

/// The lists of a configuration's scanners: read once, before anything begins.
extension HostConfiguration {
    /// - Throws: ``RunError``, of the first list that is wrong.
    mutating func readLists() throws(RunError) {
        let symbols = Dictionary(
            instruments.map { ($0.symbol, $0.id) }, uniquingKeysWith: { first, _ in first })
        for index in strategies.indices {
            guard case .scanner(var scanner) = strategies[index].kind else { continue }
            do throws(FeedError) {
                scanner.list = try scanner.file.read(digest: OpenSSLDigest()) { symbols[$0] }
            } catch {
                throw RunError(.feed, "scanner '\(strategies[index].name)': \(error)")
            }
            strategies[index].kind = .scanner(scanner)
        }
    }

    /// A line for each list, for a run's identity: its bytes decide with the recordings'.
    var listFingerprints: String {
        strategies.compactMap { setting in
            guard case .scanner(let scanner) = setting.kind else { return nil }
            return "list \(setting.name) \(scanner.list?.fingerprint ?? "unread")\n"
        }.joined()
    }

    /// What was left out of a list and may be a mistake, a line each.
    var listRemarks: [String] {
        strategies.flatMap { setting in
            guard case .scanner(let scanner) = setting.kind, let list = scanner.list else {
                return [String]()
            }
            return remarks(setting, scanner, list)
        }
    }

    private func remarks(
        _ setting: StrategySetting, _ scanner: ScannerSetting, _ list: CandidateList
    ) -> [String] {
        var remarks: [String] = []
        let place = "\(setting.name): \(scanner.file.path)"
        if !list.unknown.isEmpty {
            let names = list.unknown.prefix(5).joined(separator: ", ")
            let rest = list.unknown.count > 5 ? " and \(list.unknown.count - 5) more" : ""
            remarks.append("\(place): left out, for not under instruments: \(names)\(rest)")
        }
        let own = list.candidates.filter { setting.symbols.contains($0.instrument) }
        if own.count < list.candidates.count {
            let count = list.candidates.count - own.count
            remarks.append(
                "\(place): left out, for not among its symbols: \(counted(count, "candidate"))")
        }
        if !own.contains(where: { $0.score >= scanner.terms.least }) {
            let least = decimalString(Int128(scanner.terms.least), scale: 6)
            remarks.append(
                own.isEmpty
                    ? "\(place): it names no candidate"
                    : "\(place): none of \(counted(own.count, "candidate")) reaches minimum: \(least)"
            )
        }
        return remarks
    }
}
