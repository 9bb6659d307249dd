using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Millpond;

/// <summary>
/// Lays a configuration section over an options object. Unlike the platform's binder it goes on after a fault, so that all of them are told at once, and a
/// setting that no property has is a fault: it is nearly always a slip of the pen.
/// </summary>
internal static class SettingsBinder
{
    /// <param name="section">Where the settings are.</param>
    /// <param name="target">What they are laid over.</param>
    /// <param name="faults">Takes the faults.</param>
    /// <param name="elsewhere">Names that somebody else reads.</param>
    public static void Apply(IConfigurationSection section, object target, ICollection<string> faults, params IReadOnlyList<string> elsewhere)
    {
        foreach (var setting in section.GetChildren())
        {
            if (elsewhere.Contains(setting.Key, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            var property = target.GetType().GetProperty(setting.Key, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            if (property?.SetMethod is null)
            {
                faults.Add($"{setting.Path} is not a setting. Known here: {string.Join(", ", Names(target))}.");
                continue;
            }

            // A setting without a value is one that a later source of configuration took back.
            if (setting.Value is not null || setting.GetChildren().Any())
            {
                Set(setting, target, property, faults);
            }
        }
    }

    private static void Set(IConfigurationSection setting, object target, PropertyInfo property, ICollection<string> faults)
    {
        try
        {
            var converted = TypeDescriptor.GetConverter(property.PropertyType).ConvertFromString(null, CultureInfo.InvariantCulture, setting.Value ?? "");
            if (converted is Enum && !Enum.IsDefined(property.PropertyType, converted))
            {
                throw new FormatException();
            }

            property.SetValue(target, converted);
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or NotSupportedException or OverflowException)
        {
            faults.Add($"{setting.Path} is '{setting.Value}', which is not a {Say(property.PropertyType)}.");
        }
    }

    private static IEnumerable<string> Names(object target) =>
        target.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.SetMethod is not null).Select(property => property.Name);

    private static string Say(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => Say(inner),
        _ when type == typeof(TimeSpan) => "time (write 00:05:00 for five minutes)",
        _ when type == typeof(int) || type == typeof(long) => "whole number",
        _ when type == typeof(double) => "number",
        { IsEnum: true } => $"choice ({string.Join(", ", Enum.GetNames(type))})",
        _ => type.Name,
    };
}
