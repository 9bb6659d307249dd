namespace Millpond.Journals;

/// <summary>What became of what a journal was asked.</summary>
public enum JournalFailure
{
    /// <summary>Nothing of it was taken, and nothing of it will ever be read. MP1405.</summary>
    Refused,

    /// <summary>It may have been taken, wholly, or not at all. MP1407.</summary>
    OutcomeUnknown,

    /// <summary>It cannot be opened as it is; the message says what to do. MP1408.</summary>
    Unfit,

    /// <summary>Another instance leads, or may. MP1409.</summary>
    LeadLost,
}

/// <summary>A journal did not do what it was asked.</summary>
public sealed class JournalException : MillpondException
{
    /// <summary>Creates the error.</summary>
    /// <param name="failure">What became of what was asked.</param>
    /// <param name="message">What happened, the limit it met, and what to do.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public JournalException(JournalFailure failure, string message, Exception? inner = null)
        : base(CodeOf(failure), message, inner) => Failure = failure;

    /// <summary>What became of what was asked.</summary>
    public JournalFailure Failure { get; }

    private static ErrorCode CodeOf(JournalFailure failure) => failure switch
    {
        JournalFailure.Refused => ErrorCode.JournalRefused,
        JournalFailure.OutcomeUnknown => ErrorCode.JournalOutcomeUnknown,
        JournalFailure.Unfit => ErrorCode.JournalUnfit,
        _ => ErrorCode.JournalLeadLost,
    };
}
