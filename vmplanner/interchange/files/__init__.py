"""Files as bytes, text, tables, trees and JSON values, each with its limits: what comes from outside is hostile."""
