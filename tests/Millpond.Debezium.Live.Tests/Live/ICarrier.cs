namespace Millpond.Debezium.Live.Tests.Live;

/// <summary>What carries Debezium's messages to processes that are killed.</summary>
internal interface ICarrier
{
    /// <summary>What a relay process is told of it: where, which, and how.</summary>
    (string Server, string Name, string Mode) Relay { get; }

    /// <summary>Takes a message, as Debezium Server would hand it over: until it is kept.</summary>
    Task AddAsync(string key, string value);

    /// <summary>Whether nothing is left of what was taken, where that can be told.</summary>
    Task<bool> IsEmptyAsync();
}
