import Kernel
import TradingModel

/// As a person asks what there is.
extension LineUp {
    var entries: [ChangeFile.Answer.Entry] {
        (pieces + servers).map { entry($0.name, $0.kind.rawValue, $0.words, $0.settings) }
    }

    /// What holds for each account.
    var limits: [ChangeFile.Answer.Entry] {
        configuration.accounts.map { account in
            var limits = configuration.risk.limits(of: account.name)
            limits.orderAge = limits.orderAge ?? RiskLimits.usualAge
            // Amounts for people; programs have the settings as they are written.
            let words = limits.fields.map { "\($0.key) \(NumberWords.separated($0.text))" }
                .joined(separator: ", ")
            return entry(account.name, "limits", words, limits.fields)
        }
    }

    private func entry(
        _ name: String, _ kind: String, _ words: String, _ settings: [Piece.Field]
    ) -> ChangeFile.Answer.Entry {
        ChangeFile.Answer.Entry(
            name: name, kind: kind, words: words,
            settings: Dictionary(
                settings.map { ($0.key, $0.text) }, uniquingKeysWith: { $1 }))
    }
}
