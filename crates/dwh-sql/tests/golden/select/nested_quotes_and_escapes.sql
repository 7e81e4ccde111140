SELECT 'a\\b', 'tab\there', 'quote\'s', 'octal\101', 'doubled''s', N'national';
