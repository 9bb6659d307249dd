namespace Millpond.Reading;

/// <summary>How a door gives out what its keyspace holds. A type of its own for each door, so that ten thousand waits need no delegate and no state machine to turn their answer.</summary>
/// <typeparam name="TValue">What the keyspace holds.</typeparam>
/// <typeparam name="TResult">What the door's callers get.</typeparam>
internal interface IAnswerShape<TValue, TResult>
{
    /// <summary>What a caller gets for what is held; may throw, and then that is the caller's answer.</summary>
    static abstract TResult? Of(TValue? value);

    /// <summary>What a caller is told of a failure.</summary>
    static virtual Exception Of(Exception failure) => failure;

    /// <summary>Whether callers may share one result; if not, each gets one of its own.</summary>
    static virtual bool IsForAll => true;
}

/// <summary>As it is held.</summary>
internal readonly struct AsHeld<TValue> : IAnswerShape<TValue, TValue>
{
    public static TValue? Of(TValue? value) => value;
}
