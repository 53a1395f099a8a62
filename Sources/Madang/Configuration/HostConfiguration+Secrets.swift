import Platform

extension HostConfiguration {
    /// Whether it brings something into memory that nobody else may read: a token, a webhook, a key, or what is handed
    /// on to a server in its environment.
    var holdsSecrets: Bool {
        brokers.contains(where: \.isOutside)
            || channels.contains { channel in
                if case .console = channel.place { false } else { true }
            }
            || strategies.flatMap(\.servers).contains { server in
                server.token != nil || server.tlsKey != nil || !server.environment.isEmpty
            }
    }

    /// For a command that has read it and goes on. Without secrets a crash may be looked into as ever.
    func keepSecretsOutOfCores() {
        if holdsSecrets { CoreDumps.forbid() }
    }
}
