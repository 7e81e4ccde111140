SELECT 1
FRM t a b;
