using System.Collections.Concurrent;
using Millpond.Resp;
using Millpond.Resp.Dialing;

namespace Millpond.Engines.Fake;

/// <summary>
/// A server whose every reply a test decides. It speaks over pipes in memory, so nothing depends on a machine, and what it is sent can be looked at.
/// </summary>
/// <remarks>Unless a script answers, it says what a Redis of version 7 says to a handshake, and <c>+OK</c> to everything else.</remarks>
public sealed class FakeServer : IDialer
{
    private readonly ConcurrentBag<FakeSession> _sessions = [];
    private int _answering;

    /// <summary>Answers a command with raw bytes; null: the usual answer; <see cref="NoReply"/>: none.</summary>
    public Func<FakeSession, string[], string?>? Script { get; set; }

    /// <summary>What a script answers to answer nothing.</summary>
    public const string NoReply = "";

    /// <summary>Whether connecting fails.</summary>
    public bool IsAway { get; set; }

    /// <summary>Whether connecting neither fails nor succeeds.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What it calls its run.</summary>
    public string RunId { get; set; } = "run-1";

    /// <summary>What it calls its history.</summary>
    public string ReplicationId { get; set; } = "history-1";

    /// <summary>How far its history is.</summary>
    public long ReplicationOffset { get; set; } = 100;

    /// <summary>Whether it knows only the older protocol.</summary>
    public bool IsOld { get; set; }

    /// <summary>Connections ever made.</summary>
    public int Connections => _sessions.Count;

    /// <summary>The connections, in no order.</summary>
    public IReadOnlyCollection<FakeSession> Sessions => _sessions;

    /// <summary>Every command it was sent, in order of arrival.</summary>
    public ConcurrentQueue<string[]> Heard { get; } = new();

    async ValueTask<Stream> IDialer.DialAsync(RespEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (IsSilent)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        }

        if (IsAway)
        {
            throw new IOException("Connection refused");
        }

        var (client, server) = DuplexStream.Pair();
        var session = new FakeSession(this, server, endpoint);
        _sessions.Add(session);
        session.Start();
        return client;
    }

    /// <summary>Whether it is thinking about an answer on some thread.</summary>
    public bool IsAnswering => Volatile.Read(ref _answering) > 0;

    internal Answering BeginAnswer()
    {
        Interlocked.Increment(ref _answering);
        return new Answering(this);
    }

    internal string Answer(FakeSession session, string[] command)
    {
        Heard.Enqueue(command);
        session.IsSubscribed |= command[0] == "SUBSCRIBE";
        return Script?.Invoke(session, command) ?? Usual(command);
    }

    private string Usual(string[] command) => command[0] switch
    {
        "HELLO" when IsOld => "-ERR unknown command 'HELLO'\r\n",
        "HELLO" => "%5\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n$5\r\nproto\r\n:3\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n",
        "INFO" when command[1] == "server" => Bulk($"# Server\r\nredis_version:7.0.0\r\nrun_id:{RunId}\r\n"),
        "INFO" => Bulk($"# Replication\r\nrole:master\r\nmaster_replid:{ReplicationId}\r\nmaster_repl_offset:{ReplicationOffset}\r\n"),
        "PING" => "+PONG\r\n",
        "SUBSCRIBE" => $">3\r\n+subscribe\r\n{Bulk(command[1])}:1\r\n",
        "ECHO" => Bulk(command[1]),
        _ => "+OK\r\n",
    };

    internal readonly struct Answering(FakeServer server) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref server._answering);
    }

    /// <summary>A value as a server sends it.</summary>
    public static string Bulk(string value) => $"${System.Text.Encoding.UTF8.GetByteCount(value)}\r\n{value}\r\n";
}
