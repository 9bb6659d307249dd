using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millpond.Journals;
using Millpond.Runtime;

namespace Millpond.FileJournal;

/// <summary>Journals in files. An acknowledgement survives the process's death and the machine's loss of power; not the loss of the disk. One process has the folder; readers in others see a write when it was flushed.</summary>
public static class FileJournals
{
    private const int SegmentBytesMin = 64 << 10;
    private const int SegmentBytesMax = 1 << 30;

    /// <summary>A journal in a folder of its own.</summary>
    /// <param name="folder">The folder, of one keyspace alone, on a local disk. It is made if it is not there.</param>
    public static Func<IServiceProvider, IWriteJournal> In(string folder) => With(new FileJournalOptions { Folder = folder });

    /// <summary>The same with more to say.</summary>
    /// <param name="options">Where and how it is kept.</param>
    /// <exception cref="MillpondException">MP1001: the trail's options have faults.</exception>
    public static Func<IServiceProvider, IWriteJournal> With(FileJournalOptions options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Folder);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentBytes, SegmentBytesMin);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.SegmentBytes, SegmentBytesMax);
        string[] faults =
        [
            .. TrailOptions.Rules(options.Trail).Where(rule => !rule.Holds).Select(rule => rule.Fault),
            .. options.Trail?.BytesMax < options.SegmentBytes ? [$"Trail.BytesMax is {options.Trail.BytesMax} and one file has {options.SegmentBytes} (SegmentBytes), so nothing would be kept"] : Array.Empty<string>(),
        ];
        if (faults.Length > 0)
        {
            throw new MillpondException(ErrorCode.InvalidConfiguration, $"the journal in {options.Folder}: {string.Join("; ", faults)}. Correct what is named.");
        }

        return services => new FileJournal(
            options, services.GetService<Surroundings>() ?? (services.GetService<TimeProvider>() is { } time ? new Surroundings(time) : Surroundings.Real), null, services.GetService<ILoggerFactory>());
    }
}
