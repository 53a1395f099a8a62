import Platform

/// Whether `madang.yaml` can be read, and what in it is probably not meant.
struct ConfigurationCheck: DoctorCheck {
    let name = "configuration"
    let code = ExitCode.configuration

    func run(_ environment: DoctorEnvironment) async -> [Finding] {
        guard let configuration = environment.configuration else {
            return [
                .wrong(
                    environment.configurationError, else: "see docs/CONFIGURATION.md",
                    .configuration)
            ]
        }
        let sizes = [
            counted(configuration.strategies.count, "strategy", "strategies"),
            counted(configuration.rules.count, "rule"),
            counted(configuration.instruments.count, "instrument"),
            counted(configuration.feeds.count, "feed"),
            counted(configuration.accounts.count, "account"),
        ]
        var findings = [Finding.good("\(environment.path): \(sizes.joined(separator: ", "))")]
        for text in environment.configurationWarnings {
            findings.append(.warning(text, next: "correct it in \(environment.path)"))
        }
        for text in FeedCoverage(configuration: configuration).unheard {
            findings.append(
                .warning(
                    text, next: "give it a feed of that kind, or another 'on' that a feed makes"))
        }
        for text in RuleRemarks(configuration: configuration).lines {
            findings.append(.warning(text, next: "correct its 'when', or take it out"))
        }
        for remark in SettingRemarks(configuration: configuration).all {
            findings.append(.warning(remark.text, next: remark.next))
        }
        if configuration.strategies.isEmpty, configuration.rules.isEmpty {
            findings.append(
                .warning(
                    "no strategy and no rule: nothing will ever be decided",
                    next:
                        "add one under strategies or rules; madang strategy list shows the built-in ones"
                ))
        }
        return findings
    }
}
