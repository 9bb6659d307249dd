using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Millpond.Tests.Telemetry;

/// <summary>Keeps what Millpond logs.</summary>
internal sealed class Logs : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Id, LogLevel Level, string Text)> _lines = new();

    public (int Id, LogLevel Level, string Text)[] Of(params int[] ids) => [.. _lines.Where(line => ids.Contains(line.Id))];

    public ILogger CreateLogger(string categoryName) => categoryName == "Millpond" ? this : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, logLevel, formatter(state, exception)));

    public void Dispose()
    {
    }
}
